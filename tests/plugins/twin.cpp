// Built twice, as twin_one and twin_two: two plugins with the same symbols, among them an inline function and an inline
// variable that keep state, as headers of libraries bring them along. NAME.count says how often it was called.
#include <flowrra/plugin.hpp>

inline int& in_function() {
  static int count = 0;
  return count;
}
inline int in_variable = 0;
template <typename T>
struct Shared {
  static inline int count = 0;
};

namespace {

std::vector<int> count(flowrra::CpuContext&) { return {++in_function(), ++in_variable, ++Shared<int>::count}; }

}  // namespace

FLOWRRA_PLUGIN(TWIN_NAME, "1.0.0") { plugin.cpu(TWIN_NAME ".count", count); }
