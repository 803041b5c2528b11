#pragma once

#include <flowrra/flowrra.hpp>
#include <string>
#include <vector>

namespace flowrra::test {

// A struct that travels as arguments and as a result.
struct Basket {
  std::string owner;
  std::vector<int> prices;

  bool operator==(const Basket&) const = default;
};
FLOWRRA_FIELDS(Basket, owner, prices);

// The tasks of this test program, filled once:
//   cpu  t.add a b · t.double Basket · t.gate PATH (as gate.cpu) · t.fail TEXT · t.abort · t.marker (the variables that
//        only hosts see) · t.nothing
//   io   t.later TEXT (a coroutine) · t.pool TEXT (a pool thread) · t.forever (until it is cancelled)
TaskRegistry& tasks();

}  // namespace flowrra::test
