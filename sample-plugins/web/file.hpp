#pragma once

#include <string>

#include "transfer.hpp"

namespace web {

// A file that appears under its name as a whole or not at all: what is written goes to a temporary file beside it.
class NewFile final : public Sink {
 public:
  NewFile() = default;
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  ~NewFile();  // removes the temporary file unless keep() was called

  void open(const std::string& path);                               // throws std::runtime_error
  bool take(const char* data, std::size_t size) noexcept override;  // false: could not write
  void keep();                                                      // throws std::runtime_error

 private:
  std::string path_;
  std::string temporary_;
  int fd_ = -1;
};

}  // namespace web
