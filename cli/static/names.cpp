// For the program that is linked without shared libraries, and for no other.

#include <nss.h>

namespace {

// Users and hosts are looked up by what is in the program: files and DNS. For other services of /etc/nsswitch.conf libc
// would load shared libraries, and with them a second libc, which ends the program.
[[gnu::constructor]] void look_up_without_libraries() {
  __nss_configure_lookup("passwd", "files");
  __nss_configure_lookup("hosts", "files dns");
}

}  // namespace
