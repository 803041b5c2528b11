#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "support/workplace.hpp"

namespace flowrra::test {

// Where the tasks gate.cpu and gate.blocking (tests/plugins/gate.cpp) wait: a test knows when they run and says when
// they end.
class Gate {
 public:
  explicit Gate(const Workplace& workplace, std::string name = "gate");

  // The tasks' argument.
  [[nodiscard]] std::string path() const { return workplace_ / name_; }

  // Waits until the gate was reached so often; "ID ATTEMPT" of each time.
  std::vector<std::string> reached(std::size_t times) const { return workplace_.lines(name_, times); }

  // Lets so many tasks pass, those that wait and those that come.
  void open(std::size_t tasks = 1) const;

 private:
  const Workplace& workplace_;
  std::string name_;
  UniqueFd fifo_;
};

}  // namespace flowrra::test
