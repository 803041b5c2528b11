#pragma once

#include <stdexcept>
#include <utility>

#include "base/result.hpp"

namespace flowrra::test {

// The value, where a failure is the end of the test case or the program.
template <typename T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(*result);
}
inline void must(const Status& status) {
  if (!status.ok()) throw std::runtime_error(status.error().message);
}

}  // namespace flowrra::test
