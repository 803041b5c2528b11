#include "fault/small_disk.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/fd.hpp"

namespace flowrra::test {

SmallDisk::SmallDisk(int mebibytes) {
  const std::string options = "mode=0700,size=" + std::to_string(mebibytes) + "m";
  if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, options.c_str()) != 0) {
    problem_ = std::string("cannot mount a small disk: ") + std::strerror(errno);
  }
}

SmallDisk::~SmallDisk() {
  if (mounted()) umount2(folder_.path().c_str(), MNT_DETACH);
}

void SmallDisk::fill(std::size_t left) const {
  const auto free = std::filesystem::space(folder_.path()).free;
  if (free <= left) return;
  const UniqueFd file(::open((folder_ / "ballast").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  const std::string zeros(4096, '\0');
  for (std::size_t done = 0; done < free - left; done += zeros.size()) {
    if (::write(file.get(), zeros.data(), zeros.size()) <= 0) return;
  }
}

void SmallDisk::free() const { std::filesystem::remove(folder_ / "ballast"); }

}  // namespace flowrra::test
