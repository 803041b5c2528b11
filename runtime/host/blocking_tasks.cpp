#include "host/blocking_tasks.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <utility>

#include "host/blocking_pool.hpp"
#include "host/fault.hpp"
#include "host/outcome.hpp"
#include "host/run_task.hpp"
#include "host/table.hpp"

namespace flowrra {
namespace {

// As libuv reads it.
std::size_t pool_size() {
  const char* text = std::getenv("UV_THREADPOOL_SIZE");
  return static_cast<std::size_t>(std::max(1, text == nullptr ? 4 : std::atoi(text)));
}

}  // namespace

BlockingTasks::BlockingTasks(uv_loop_t* loop, SharedPage& page, std::function<void(IoCall&)> over)
    : loop_(loop), page_(page), over_(std::move(over)), most_threads_(pool_size()) {}

void BlockingTasks::add(IoCall& call, const LoadedTask& task, std::string args) {
  {
    const std::lock_guard lock(lock_);
    waiting_.push_back({&call, &task, std::move(args)});
  }
  call_threads();
}

bool BlockingTasks::take_back(IoCall& call) {
  const std::lock_guard lock(lock_);
  return std::erase_if(waiting_, [&call](const Item& item) { return item.call == &call; }) > 0;
}

// One more, if there is one: each task that is added calls one.
void BlockingTasks::call_threads() {
  if (threads_ == most_threads_) return;
  ++threads_;
  auto* request = new uv_work_t{};  // owned by libuv until it comes back
  request->data = this;
  uv_queue_work(
      loop_, request, [](uv_work_t* work) { static_cast<BlockingTasks*>(work->data)->run(); },
      [](uv_work_t* work, int) { static_cast<BlockingTasks*>(work->data)->after(work); });
}

void BlockingTasks::run() {
  attach_pool_thread();
  const BootTime end = system_clock().boot() + kTurn;
  for (Item item; next(item);) {
    {
      const CallMark marked(item.call->number);
      run_task(*item.task, *item.call, item.args);
      end_call(*item.call, CallEnd::failure, kNeverEnded);
    }
    over_(*item.call);
    if (system_clock().boot() >= end) return;
  }
}

// What has begun is told to the node through the page, in the order of the queue, which is that of the calls.
bool BlockingTasks::next(Item& item) {
  const std::lock_guard lock(lock_);
  if (waiting_.empty()) return false;
  item = std::move(waiting_.front());
  waiting_.pop_front();
  page_.pool_begun = item.call->number;
  return true;
}

void BlockingTasks::after(uv_work_t* request) {
  const std::unique_ptr<uv_work_t> owned(request);
  --threads_;
  const bool more = [this] {
    const std::lock_guard lock(lock_);
    return !waiting_.empty();
  }();
  if (more) call_threads();
}

}  // namespace flowrra
