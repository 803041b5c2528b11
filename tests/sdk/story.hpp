#pragma once

#include <string>
#include <vector>

#include "sdk/support.hpp"

// What the tests of coroutines that run together share.
namespace flowrra::test {

inline std::vector<std::string> story;  // what happened, in order

// Runs a coroutine as an io task, with an empty story.
template <class F>
flowrra_call& start(Bench& bench, F coroutine) {
  story.clear();
  return bench.start_io(coroutine, "");
}

// At the end of a test: nothing that a coroutine held is left.
struct Clean {
  ~Clean() { BOOST_TEST(Guard::alive == 0); }
};

}  // namespace flowrra::test
