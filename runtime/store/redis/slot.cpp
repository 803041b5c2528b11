#include "store/redis/slot.hpp"

#include <map>
#include <mutex>

namespace flowrra::redis {
namespace {

struct Taken {
  std::mutex mutex;
  std::map<std::string, int> count;  // by the endpoint's name
};

Taken& taken() {
  static auto* const all = new Taken;  // outlives connections that end with the process
  return *all;
}

}  // namespace

Result<Slot> Slot::take(const Endpoint& endpoint) {
  std::string name = endpoint.name();
  const std::scoped_lock lock(taken().mutex);
  int& count = taken().count[name];
  if (count >= endpoint.network.max_connections) {
    return Error{Code::unreachable, name + ": this process has all its " + std::to_string(count) + " connections open",
                 "Raise max_connections of this store."};
  }
  ++count;
  return Slot(std::move(name));
}

Slot::~Slot() {
  if (name_.empty()) return;
  const std::scoped_lock lock(taken().mutex);
  const auto at = taken().count.find(name_);
  if (--at->second == 0) taken().count.erase(at);
}

}  // namespace flowrra::redis
