#pragma once

#include "base/result.hpp"

namespace flowrra::library {

// Throws the public error for an inner one, by its code.
[[noreturn]] void raise(const flowrra::Error& error);

// The value, or throws.
template <typename T>
T value_or_raise(Result<T> result) {
  if (!result) raise(result.error());
  return *std::move(result);
}
inline void check(const Status& status) {
  if (!status) raise(status.error());
}

// The same error as another class than its code says.
template <typename Thrown>
[[noreturn]] void raise_as(const flowrra::Error& error) {
  throw Thrown(std::string(flowrra::name(error.code)), error.message, error.hint);
}

}  // namespace flowrra::library
