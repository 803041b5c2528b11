#pragma once

#include <string>

#include "base/clock.hpp"
#include "base/fd.hpp"
#include "base/result.hpp"
#include "plugin/plugin_file.hpp"
#include "plugin/trusted_file.hpp"

namespace flowrra {

// A folder, 0700, with this user's private copies of plugin files, each named by what it holds: media-DIGEST.so. Hosts
// load the copies, so that a file that is rewritten or truncated changes nothing for what runs, and crash reports find
// the code that ran. All nodes and commands of the user share it: a copy that is held anywhere (PluginFile::hold, a
// shared lock on it) is not removed. [any thread; any process]
class CopyFolder {
 public:
  // Makes the folder where it is missing. Code::denied when others than root and this user could change it.
  static Result<CopyFolder> open(const std::string& path);

  // The copy of what the file holds now. One that is there already is used again: at once if nobody has touched file
  // and copy since it was last verified, else after it was read through. Errors: denied, internal (no space, …).
  [[nodiscard]] Result<PluginFile> copy_of(const TrustedFile& file) const;

  // Removes what was copied longer ago than `age` and nobody holds.
  void sweep(Micros age) const;

 private:
  explicit CopyFolder(TrustedFile folder) : folder_(std::move(folder)) {}
  [[nodiscard]] Result<PluginFile> existing(const std::string& name, const std::string& remembered) const;
  [[nodiscard]] Result<PluginFile> made(const TrustedFile& file) const;
  [[nodiscard]] Result<std::string> write_draft(const TrustedFile& file, const std::string& draft, UniqueFd& fd) const;
  void sweep_copy(const std::string& name, WallTime before) const;

  TrustedFile folder_;
};

}  // namespace flowrra
