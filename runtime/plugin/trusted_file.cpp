#include "plugin/trusted_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>

namespace flowrra {
namespace {

std::string octal(mode_t mode) {
  std::array<char, 16> text{};
  snprintf(text.data(), text.size(), "%04o", static_cast<unsigned>(mode) & 07777U);
  return text.data();
}

Error cannot_open(const std::string& path, int reason) {
  const Code code = reason == EACCES || reason == EPERM ? Code::denied : Code::not_found;
  return {code, path + ": " + errno_text(reason), "Check [plugins] paths in the configuration."};
}

// That only root and the user can change what is behind the descriptor.
Status check_owner_and_mode(int fd, const std::string& path, uid_t user, bool folder) {
  struct stat status {};
  if (fstat(fd, &status) != 0) return cannot_open(path, errno);
  const std::string what = (folder ? "the folder " : "the file ") + path;
  if (status.st_uid != 0 && status.st_uid != user) {
    return Error{Code::denied,
                 what + " belongs to user " + std::to_string(status.st_uid) + ", who could change what is loaded",
                 "Plugins belong to root or to the user who runs Flowrra (" + std::to_string(user) + "): chown it."};
  }
  const bool like_tmp = folder && status.st_uid == 0 && (status.st_mode & S_ISVTX) != 0;
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0 && !like_tmp) {
    return Error{Code::denied,
                 what + " can be written by " + ((status.st_mode & S_IWOTH) != 0 ? "everybody" : "its group") +
                     " (mode " + octal(status.st_mode) + ")",
                 "Run `chmod go-w " + path + "`."};
  }
  if (!folder && !S_ISREG(status.st_mode)) {
    return Error{Code::invalid, path + " is not a regular file", "A plugin is a shared object."};
  }
  return {};
}

// The folder above the last part of a real path, everything on the way checked.
Result<UniqueFd> open_parent(const std::string& path, std::size_t last, uid_t user) {
  UniqueFd folder(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  std::size_t begin = 1;
  for (;;) {
    const std::string place = begin <= 1 ? "/" : path.substr(0, begin - 1);
    if (!folder) return cannot_open(place, errno);
    if (auto checked = check_owner_and_mode(folder.get(), place, user, true); !checked) return checked.error();
    if (begin >= last) return folder;
    const std::size_t end = path.find('/', begin);
    const std::string name = path.substr(begin, end - begin);
    folder.reset(openat(folder.get(), name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    begin = end + 1;
  }
}

Result<TrustedFile> open_checked(const std::string& path, uid_t user, bool is_folder) {
  std::array<char, PATH_MAX> real{};
  if (realpath(path.c_str(), real.data()) == nullptr) return cannot_open(path, errno);
  TrustedFile file;
  file.path = real.data();
  const std::size_t last = file.path.rfind('/') + 1;
  auto folder = open_parent(file.path, last, user);
  if (!folder) return folder.error();
  const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | (is_folder ? O_DIRECTORY : 0);
  const std::string name = last < file.path.size() ? file.path.substr(last) : ".";
  file.fd.reset(openat(folder->get(), name.c_str(), flags));
  if (!file.fd) return cannot_open(file.path, errno);
  if (auto checked = check_owner_and_mode(file.fd.get(), file.path, user, is_folder); !checked) return checked.error();
  return file;
}

}  // namespace

Result<TrustedFile> open_trusted(const std::string& path, uid_t user) { return open_checked(path, user, false); }

Result<TrustedFile> open_trusted_folder(const std::string& path, uid_t user) { return open_checked(path, user, true); }

}  // namespace flowrra
