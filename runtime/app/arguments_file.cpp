#include "app/arguments_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/fd.hpp"
#include "task/schema.hpp"

namespace flowrra {
namespace {

Result<std::optional<std::string>> read_all(int fd, const std::string& what) {
  std::string text;
  std::array<char, 65536> part{};
  for (;;) {
    const ssize_t got = read(fd, part.data(), part.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Error{Code::invalid, what + ": " + errno_text(errno), {}};
    if (got == 0) return std::optional(std::move(text));
    text.append(part.data(), static_cast<std::size_t>(got));
    if (text.size() > kMaxArgsBytes) {
      return Error{Code::too_large, what + ": more than " + std::to_string(kMaxArgsBytes) + " bytes",
                   "Pass large data by a path or a URL."};
    }
  }
}

}  // namespace

Result<std::optional<std::string>> whole_text(const std::string& word) {
  if (word == "-") return read_all(STDIN_FILENO, "standard input");
  if (!word.starts_with('@')) return std::optional<std::string>();
  const std::string path = word.substr(1);
  struct stat status {};
  if (stat(path.c_str(), &status) != 0 || S_ISDIR(status.st_mode)) return std::optional<std::string>();
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!fd) return Error{errno == EACCES ? Code::denied : Code::not_found, path + ": " + errno_text(errno), {}};
  return read_all(fd.get(), path);
}

}  // namespace flowrra
