#pragma once

#include <span>
#include <string>
#include <vector>

#include "app/findings.hpp"
#include "app/node_view.hpp"
#include "store/broker.hpp"

namespace flowrra {

// What the stores say of the work at one moment.
struct WorkPicture {
  std::vector<NodeView> nodes;
  std::vector<StateCount> counts;
  std::vector<std::string> paused;
  std::int64_t running_unowned = 0;       // tasks that run without a live session
  std::optional<WallTime> newest_submit;  // of all tasks
  WallTime now;
};

// Looks at everything and says what is wrong, each with what to do: the configuration and all it names, the stores
// themselves, the nodes and the tasks. A store that does not exist is not made.
std::vector<Finding> diagnose(const Config& config);

// The part that concerns nodes and tasks. Pure.
std::vector<Finding> check_work(const WorkPicture& picture);

}  // namespace flowrra
