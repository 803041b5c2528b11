// Two versions of a plugin whose tasks have other arguments, SUMS_VERSION 1 and 2.
//   sums.of     adds two numbers (1), or three (2); a negative first one fails for good
//   sums.later  the same, as an io task
//   sums.same   gives one number back, in both alike
// Each tells the version that ran it.
#include <flowrra/plugin.hpp>

namespace {

struct Sum {
  int version = SUMS_VERSION;
  long sum = 0;
};
FLOWRRA_FIELDS(Sum, version, sum);

Sum same(flowrra::CpuContext&, long value) { return {SUMS_VERSION, value}; }

#if SUMS_VERSION == 1
Sum of(flowrra::CpuContext&, long a, long b) {
  if (a < 0) throw flowrra::Permanent("a is negative");
  return {1, a + b};
}
flowrra::Co<Sum> later(long a, long b) { co_return Sum{1, a + b}; }
#define SUMS_ARGS \
  { "a", "b" }
#else
Sum of(flowrra::CpuContext&, long a, long b, long c) {
  if (a < 0) throw flowrra::Permanent("a is negative");
  return {2, a + b + c};
}
flowrra::Co<Sum> later(long a, long b, long c) { co_return Sum{2, a + b + c}; }
#define SUMS_ARGS \
  { "a", "b", "c" }
#endif

}  // namespace

FLOWRRA_PLUGIN("sums", SUMS_VERSION == 1 ? "1.0.0" : "2.0.0") {
  plugin.cpu("sums.of", of, {.args = SUMS_ARGS});
  plugin.io("sums.later", later, {.args = SUMS_ARGS});
  plugin.cpu("sums.same", same, {.args = {"value"}});
}
