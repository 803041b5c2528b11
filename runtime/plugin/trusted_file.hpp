#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <string>

#include "base/fd.hpp"
#include "base/result.hpp"

namespace flowrra {

// A regular file, open for reading, of which nobody decides what it holds but root and one user: it and every folder
// above it belong to one of the two, and neither group nor others may write to them. A folder like /tmp, which is
// root's and sticky, may stand above it.
struct TrustedFile {
  UniqueFd fd;
  std::string path;  // without symbolic links
};

// Opens the file that the path leads to, through links of root's and the user's; every folder, those with links too, is
// checked on its open descriptor on the way. Code::not_found; Code::denied, the message naming what may be changed by
// whom.
Result<TrustedFile> open_trusted(const std::string& path, uid_t user = geteuid());

// The same for a folder.
Result<TrustedFile> open_trusted_folder(const std::string& path, uid_t user = geteuid());

}  // namespace flowrra
