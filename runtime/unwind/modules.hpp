#pragma once

#include <elfutils/libdwfl.h>

#include <memory>
#include <string>

#include "unwind/dump.hpp"

namespace flowrra {

// A file of the dead process, where it lay there.
struct Module {
  Dwfl_Module* handle = nullptr;
  std::string file;        // its path
  std::uint64_t bias = 0;  // what was added to the file's own addresses
};

// The files that were mapped as code, opened again. A file that was changed since the host started is left out: its
// symbols would be those of another program. No network is asked for what is missing.
class Modules {
 public:
  explicit Modules(const Dump& dump);

  [[nodiscard]] Dwfl* dwfl() const { return dwfl_.get(); }
  [[nodiscard]] std::optional<Module> at(std::uint64_t address) const;

 private:
  struct End {
    void operator()(Dwfl* dwfl) const { dwfl_end(dwfl); }
  };
  std::unique_ptr<Dwfl, End> dwfl_;
};

// The build id that the linker gave the file, in hexadecimal; empty without one.
std::string build_id(const Module& module);

// True when the file's content or its metadata changed after `time` (wall clock, seconds), or it is gone.
bool changed_since(const std::string& file, std::int64_t time);

}  // namespace flowrra
