#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "task/task.hpp"

// What a node tells of itself with each heartbeat. Health means progress: when each part last did something, what each
// host works at, and what is stuck. All ages count back from `NodeHealth::at`.
namespace flowrra {

// A part of the node: loop, dispatcher, outbox, journal, reaper, janitor, promoter.
struct PartHealth {
  std::string name;
  std::optional<Micros> age;          // since it last got something done; none: it had nothing to do yet
  std::int64_t waiting = 0;           // what it still has to do …
  std::optional<Micros> oldest = {};  // … and for how long the oldest of it has waited, where that is known
  std::string stuck = {};             // why it gets nothing done; empty: it is well

  bool operator==(const PartHealth&) const = default;
};

// A task that a host works at.
struct WorkHealth {
  TaskId id;
  std::string name;
  int attempt = 0;
  Micros age{0};               // since it was started
  std::optional<Micros> left;  // until its deadline; negative behind it

  bool operator==(const WorkHealth&) const = default;
};

struct HostHealth {
  std::string name;  // "cpu-1"
  Kind kind = Kind::cpu;
  int pid = 0;         // 0: none runs now
  int generation = 1;  // of the plugins it has loaded
  bool ready = false;
  int held = 0;                  // tasks that were given to it
  std::vector<WorkHealth> work;  // those that have begun; not all of them where there are many
  std::string stuck;             // as of a part

  bool operator==(const HostHealth&) const = default;
};

// Room for tasks of one kind: "io", "blocking" or "cpu".
struct RoomHealth {
  std::string kind;
  int slots = 0;
  int in_flight = 0;  // read ahead included

  bool operator==(const RoomHealth&) const = default;
};

struct NodeHealth {
  static constexpr std::size_t kMostWork = 100;  // of WorkHealth, over all hosts

  WallTime at;
  Micros lease{0};        // of its session
  bool draining = false;  // it takes no more tasks
  std::vector<PartHealth> parts;
  std::vector<RoomHealth> room;
  std::vector<HostHealth> hosts;

  // What is stuck, each as "dispatcher: …".
  [[nodiscard]] std::vector<std::string> stuck() const;

  bool operator==(const NodeHealth&) const = default;
};

// The stored form: one JSON object; durations are whole microseconds. Keeps at most kMostWork of what hosts work at.
std::string to_json(const NodeHealth& health);
// Code::corrupt when it is none. Unknown keys are ignored: a newer node may tell more.
Result<NodeHealth> health_from_json(std::string_view text);

}  // namespace flowrra
