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

}  // namespace

Result<Files> store_files(const std::string& url) {
  const std::string text = url.substr(std::string("sqlite://").size());
  const fs::path path(text);
  if (text.empty() || !path.has_filename() || text.find('\0') != std::string::npos) {
    return Error{Code::config, "'" + url + "' names no file",
                 "Write sqlite:///absolute/path or sqlite://relative/path."};
  }
  const fs::path parent = path.has_parent_path() ? path.parent_path() : fs::path(".");
  if (auto made = make_folders(parent); !made) return made.error();
  std::error_code failure;
  const fs::path folder = fs::canonical(parent, failure);
  if (failure) return cannot("reach the folder", parent, failure.value());
  const std::string database = folder / path.filename();
  return Files{database, database + ".lock", database + ".wake", database + ".done"};
}

UniqueFd open_file(const std::string& path) {
  return UniqueFd(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600));
}

}  // namespace flowrra::sqlite
