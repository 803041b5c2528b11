#include "task/state.hpp"

namespace flowrra {

std::string_view name(State state) {
  switch (state) {
    case State::scheduled:
      return "scheduled";
    case State::pending:
      return "pending";
    case State::running:
      return "running";
    case State::retrying:
      return "retrying";
    case State::success:
      return "success";
    case State::failed:
      return "failed";
    case State::cancelled:
      return "cancelled";
    case State::expired:
      return "expired";
  }
  return "unknown";
}

std::optional<State> parse_state(std::string_view text) {
  for (const State state : kStates) {
    if (name(state) == text) return state;
  }
  return std::nullopt;
}

}  // namespace flowrra
