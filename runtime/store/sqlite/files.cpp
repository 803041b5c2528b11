#include "store/sqlite/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

namespace flowrra::sqlite {
namespace {

namespace fs = std::filesystem;

Error cannot(const std::string& what, const std::string& path, int error) {
  const bool denied = error == EACCES || error == EPERM || error == EROFS;
  return {denied ? Code::denied : Code::unreachable, "cannot " + what + " " + path + ": " + errno_text(error),
          denied ? "The store's folder must belong to the user that runs this." : ""};
}

// Makes the folder and what is missing above it, each 0700.
Status make_folders(const fs::path& folder) {
  if (folder.empty() || ::access(folder.c_str(), F_OK) == 0) return {};
  if (auto made = make_folders(folder.parent_path()); !made) return made;
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return cannot("make the folder", folder, errno);
  return {};
}

Result<fs::path> database_path(const std::string& url) {
  const std::string text = url.substr(std::string("sqlite://").size());
  fs::path path(text);
  if (text.empty() || !path.has_filename() || text.find('\0') != std::string::npos) {
    return Error{Code::config, "'" + url + "' names no file",
                 "Write sqlite:///absolute/path or sqlite://relative/path."};
  }
  return path;
}

fs::path folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

}  // namespace

Result<bool> database_exists(const std::string& url) {
  const auto path = database_path(url);
  if (!path) return path.error();
  struct stat status {};
  if (::stat(path->c_str(), &status) == 0) return true;
  if (errno != ENOENT) return cannot("reach", *path, errno);
  fs::path folder = folder_of(*path);
  while (::access(folder.c_str(), F_OK) != 0 && errno == ENOENT && folder.has_relative_path()) {
    folder = folder_of(folder);
  }
  if (::access(folder.c_str(), W_OK | X_OK) != 0) return cannot("make a store in", folder, errno);
  return false;
}

Result<Files> store_files(const std::string& url) {
  const auto named = database_path(url);
  if (!named) return named.error();
  const fs::path& path = *named;
  const fs::path parent = folder_of(path);
  if (auto made = make_folders(parent); !made) return made.error();
  std::error_code failure;
  const fs::path folder = fs::canonical(parent, failure);
  if (failure) return cannot("reach the folder", parent, failure.value());
  const std::string database = folder / path.filename();
  // Asked before anything is opened: opening sets modes and makes files beside it.
  struct stat status {};
  if (::lstat(database.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISLNK(status.st_mode)) {
    return Error{Code::unreachable, database + " is no plain file", "Choose another path for the store."};
  }
  return Files{database, database + ".lock", database + ".wake", database + ".done"};
}

UniqueFd open_file(const std::string& path) {
  return UniqueFd(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600));
}

}  // namespace flowrra::sqlite
