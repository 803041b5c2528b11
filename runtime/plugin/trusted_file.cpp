#include "plugin/trusted_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <filesystem>
#include <string_view>
#include <utility>
#include <vector>

namespace flowrra {
namespace {

constexpr int kMostLinks = 40;

std::string octal(mode_t mode) {
  std::array<char, 16> text{};
  snprintf(text.data(), text.size(), "%04o", static_cast<unsigned>(mode) & 07777U);
  return text.data();
}

Error cannot_open(const std::string& path, int reason) {
  const Code code = reason == EACCES || reason == EPERM ? Code::denied : Code::not_found;
  return {code, path + ": " + errno_text(reason), "Check [plugins] paths in the configuration."};
}

Error not_ours(const std::string& what, uid_t owner, uid_t user) {
  return {Code::denied, what + " belongs to user " + std::to_string(owner) + ", who could change what is loaded",
          "Plugins belong to root or to the user who runs Flowrra (" + std::to_string(user) + "): chown it."};
}

// That only root and the user can change what is behind the descriptor.
Status check_owner_and_mode(int fd, const std::string& path, uid_t user, bool folder) {
  struct stat status {};
  if (fstat(fd, &status) != 0) return cannot_open(path, errno);
  const std::string what = (folder ? "the folder " : "the file ") + path;
  if (status.st_uid != 0 && status.st_uid != user) {
    return not_ours(what, status.st_uid, user);
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

// Goes along a path from the root, part by part, through whatever links: each folder that it comes through is checked
// on its open descriptor, those that hold links too, and so is the owner of each link.
class Way {
 public:
  explicit Way(uid_t user) : user_(user) {}

  Result<TrustedFile> follow(const std::string& path, bool to_folder) {
    std::error_code error;
    const std::string whole = std::filesystem::absolute(path, error).string();
    if (error) return cannot_open(path, error.value());
    if (auto entered = enter(UniqueFd(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)), "/"); !entered) {
      return entered.error();
    }
    add(whole);
    while (!ahead_.empty()) {
      const std::string name = std::move(ahead_.back());
      ahead_.pop_back();
      auto at_file = step(name);
      if (!at_file) return at_file.error();
      if (*at_file && (to_folder || !ahead_.empty())) return cannot_open(whole, ENOTDIR);
      if (*at_file) return opened(name, place_of(name), false);
    }
    return opened(".", folders_.back().place, to_folder);
  }

 private:
  struct Folder {
    UniqueFd fd;
    std::string place;
  };

  void add(std::string_view path) {
    std::vector<std::string> parts;
    for (std::size_t begin = 0; begin < path.size();) {
      const std::size_t end = std::min(path.find('/', begin), path.size());
      if (end > begin && path.substr(begin, end - begin) != ".") parts.emplace_back(path.substr(begin, end - begin));
      begin = end + 1;
    }
    ahead_.insert(ahead_.end(), parts.rbegin(), parts.rend());
  }

  [[nodiscard]] std::string place_of(const std::string& name) const {
    return folders_.size() == 1 ? "/" + name : folders_.back().place + "/" + name;
  }

  Status enter(UniqueFd fd, const std::string& place) {
    if (!fd) return cannot_open(place, errno);
    if (auto checked = check_owner_and_mode(fd.get(), place, user_, true); !checked) return checked;
    folders_.push_back({std::move(fd), place});
    return {};
  }

  // True where the part is neither a folder nor a link: the way's end.
  Result<bool> step(const std::string& name) {
    if (name == "..") {
      if (folders_.size() > 1) folders_.pop_back();
      return false;
    }
    UniqueFd fd(openat(folders_.back().fd.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    struct stat status {};
    if (!fd || fstat(fd.get(), &status) != 0) return cannot_open(place_of(name), errno);
    if (S_ISLNK(status.st_mode)) {
      auto followed = follow_link(fd, status.st_uid, place_of(name));
      return followed ? Result<bool>(false) : Result<bool>(followed.error());
    }
    if (!S_ISDIR(status.st_mode)) return true;
    auto entered = enter(std::move(fd), place_of(name));
    return entered ? Result<bool>(false) : Result<bool>(entered.error());
  }

  Status follow_link(const UniqueFd& link, uid_t owner, const std::string& place) {
    if (owner != 0 && owner != user_) return not_ours("the link " + place, owner, user_);
    std::array<char, PATH_MAX> target{};
    const ssize_t size = readlinkat(link.get(), "", target.data(), target.size());
    if (size < 0 || ++links_ > kMostLinks) return cannot_open(place, size < 0 ? errno : ELOOP);
    if (target[0] == '/') folders_.erase(folders_.begin() + 1, folders_.end());
    add({target.data(), static_cast<std::size_t>(size)});
    return {};
  }

  Result<TrustedFile> opened(const std::string& name, const std::string& place, bool folder) {
    const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | (folder ? O_DIRECTORY : 0);
    TrustedFile file;
    file.path = place;
    file.fd.reset(openat(folders_.back().fd.get(), name.c_str(), flags));
    if (!file.fd) return cannot_open(place, errno);
    if (auto checked = check_owner_and_mode(file.fd.get(), place, user_, folder); !checked) return checked.error();
    return file;
  }

  uid_t user_;
  int links_ = 0;
  std::vector<Folder> folders_;     // from the root to where it is
  std::vector<std::string> ahead_;  // parts, the next one last
};

}  // namespace

Result<TrustedFile> open_trusted(const std::string& path, uid_t user) { return Way(user).follow(path, false); }

Result<TrustedFile> open_trusted_folder(const std::string& path, uid_t user) { return Way(user).follow(path, true); }

}  // namespace flowrra
