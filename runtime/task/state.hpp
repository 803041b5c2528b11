#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace flowrra {

// Where a task stands. The numbers are stored: never renumber, only append.
enum class State : std::uint8_t {
  scheduled = 0,  // waits for its time
  pending = 1,    // may be taken
  running = 2,    // leased to a node
  retrying = 3,   // failed, waits for its next attempt
  success = 4,
  failed = 5,
  cancelled = 6,
  expired = 7,
};

inline constexpr std::array kStates{State::scheduled, State::pending, State::running,   State::retrying,
                                    State::success,   State::failed,  State::cancelled, State::expired};

struct Edge {
  State from;
  State to;
};

// Every change of state that may happen. can_move() is the only gate to it.
inline constexpr std::array kEdges{
    Edge{State::scheduled, State::pending},    // its time came
    Edge{State::retrying, State::pending},     // its delay passed
    Edge{State::pending, State::running},      // taken
    Edge{State::running, State::success},      //
    Edge{State::running, State::failed},       // attempts used up, or a permanent error
    Edge{State::running, State::retrying},     // failed, attempts left
    Edge{State::running, State::pending},      // released by its node, or its session died
    Edge{State::running, State::cancelled},    //
    Edge{State::scheduled, State::cancelled},  //
    Edge{State::pending, State::cancelled},    //
    Edge{State::retrying, State::cancelled},   //
    Edge{State::pending, State::expired},      // not started before its expiry
    Edge{State::scheduled, State::expired},    //
    Edge{State::retrying, State::expired},     //
    Edge{State::running, State::expired},      // taken too late, found before it was started
    Edge{State::failed, State::pending},       // replayed
    Edge{State::cancelled, State::pending},    //
    Edge{State::expired, State::pending},      //
};

constexpr bool can_move(State from, State to) {
  for (const Edge& edge : kEdges) {
    if (edge.from == from && edge.to == to) return true;
  }
  return false;
}

// True for states that end a task: success, failed, cancelled, expired.
constexpr bool is_final(State state) {
  return state == State::success || state == State::failed || state == State::cancelled || state == State::expired;
}

// True for states that count against a queue's bound: scheduled, pending, retrying.
constexpr bool is_waiting(State state) {
  return state == State::scheduled || state == State::pending || state == State::retrying;
}

std::string_view name(State state);
std::optional<State> parse_state(std::string_view text);

}  // namespace flowrra
