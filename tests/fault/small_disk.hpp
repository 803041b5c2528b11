#pragma once

#include <filesystem>
#include <string>

#include "support/temp_dir.hpp"

namespace flowrra::test {

// A file system of its own, in memory and small, that only this process and its children see. Where they may not mount
// anything there is none.
class SmallDisk {
 public:
  explicit SmallDisk(int mebibytes);
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk();

  [[nodiscard]] bool mounted() const { return problem_.empty(); }
  [[nodiscard]] const std::string& problem() const { return problem_; }
  [[nodiscard]] std::string path() const { return folder_.path(); }

  // Leaves no more than so many bytes free.
  void fill(std::size_t left = 0) const;
  void free() const;

 private:
  TempDir folder_;
  std::string problem_;
};

}  // namespace flowrra::test
