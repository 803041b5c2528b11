#pragma once

#include <string>

#include "base/fd.hpp"
#include "base/result.hpp"

namespace flowrra::sqlite {

// The files of one store. All stand in one folder and are the owner's alone (0600).
struct Files {
  std::string database;  // absolute, no symbolic link in its folder's path
  std::string lock;
  std::string wake;
  std::string done;
};

// The files that sqlite://PATH names; makes the folder (0700) where it is missing. A relative path counts from the
// current folder. Errors: config, denied, unreachable.
Result<Files> store_files(const std::string& url);

// Whether the store's database exists; nothing is made. Errors, also where it could not be made: config, denied,
// unreachable.
Result<bool> database_exists(const std::string& url);

// Opens one of the small files beside the database, making it if need be; never through a symbolic link.
UniqueFd open_file(const std::string& path);

}  // namespace flowrra::sqlite
