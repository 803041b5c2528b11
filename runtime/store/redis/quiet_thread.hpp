#pragma once

#include <functional>
#include <thread>

#include "base/result.hpp"

namespace flowrra::redis {

// A thread that no signal is delivered to: those belong to the program's own threads. Errors: internal (the system has
// no thread left).
Result<std::thread> start_quiet_thread(std::function<void()> work);

}  // namespace flowrra::redis
