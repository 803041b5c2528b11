#pragma once

#include <memory>
#include <utility>

#include "task/schema.hpp"
#include "task/spec.hpp"

namespace flowrra {

// A definition whose schema was read, for many submissions of one task.
struct CheckedSpec {
  explicit CheckedSpec(TaskSpec given) : spec(std::move(given)), check(spec.schema, spec.arguments) {}

  TaskSpec spec;
  ArgsCheck check;  // of spec
};
using SharedSpec = std::shared_ptr<const CheckedSpec>;

}  // namespace flowrra
