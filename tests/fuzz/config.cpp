// flowrra.toml: what is accepted is shown in a form that reads as the same configuration; what is refused is refused on
// one line of printable text that names the file.

#include "app/config.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include "app/config_show.hpp"
#include "base/fd.hpp"
#include "fuzz/oracle.hpp"

namespace {

using namespace flowrra;

Result<Config> load(std::string_view text) {
  const UniqueFd file(memfd_create("flowrra.toml", MFD_CLOEXEC));
  fuzz::require(file && write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()), "a memfd");
  ConfigSource source;
  source.file = "/proc/self/fd/" + std::to_string(file.get());
  source.folder = "/";
  source.environment["HOME"] = "/home/somebody";
  return load_config(source);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto config = load(fuzz::text_of(data, size));
  if (!config) {
    const std::string& message = config.error().message;
    fuzz::require(message.find("/proc/self/fd/") != std::string::npos, "a refusal names the file");
    for (const char c : message)
      fuzz::require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f, "one printable line");
    return 0;
  }
  const auto again = load(config_toml(*config, false));
  fuzz::require(again.ok(), "what is shown can be read");
  fuzz::require(config_json(*again, false) == config_json(*config, false), "and says the same");
  return 0;
}
