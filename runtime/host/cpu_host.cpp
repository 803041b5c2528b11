#include "host/cpu_host.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "host/fault.hpp"
#include "host/outcome.hpp"
#include "host/run_task.hpp"
#include "host/task_limits.hpp"

namespace flowrra {
namespace {

constexpr int kNodeGone = 1;

}  // namespace

CpuHost::CpuHost(UniqueFd socket, SharedPage& page, const Registry& registry)
    : socket_(std::move(socket)),
      page_(page),
      stream_(page.stream, socket_.get()),
      output_(page),
      registry_(registry) {}

int CpuHost::serve(const ReadyFrame& ready) {
  output_.end(0);  // what plugins print while they are loaded is no task's
  std::string frame;
  append(frame, ready);
  send(frame);
  while (true) {
    if (queue_.empty()) {
      if (stopping_) return 0;
      if (!read_frames()) return kNodeGone;
      continue;
    }
    const Queued next = std::move(queue_.front());
    queue_.pop_front();
    if (take_offer(page_, next.call)) run(*read_start(next.start));
  }
}

// Waits for the node to say something. False when it is gone or speaks nonsense.
bool CpuHost::read_frames() {
  std::array<char, 65536> bytes;
  cost_.pause();
  const ssize_t got = recv(socket_.get(), bytes.data(), bytes.size(), 0);
  if (got == 0) return false;
  if (got < 0) return errno == EINTR;
  reader_.feed({bytes.data(), static_cast<std::size_t>(got)});
  while (true) {
    const auto frame = reader_.next();
    if (!frame) return false;
    if (!frame->has_value()) return true;
    if (!handle(**frame)) return false;
  }
}

bool CpuHost::handle(const Frame& frame) {
  if (frame.type == FrameType::start) {
    const auto start = read_start(frame.body);
    const bool good = start.ok();
    if (good) queue_.push_back({start->call, std::string(frame.body)});
    return good;
  }
  if (frame.type == FrameType::cancel) {
    const auto cancel = read_cancel(frame.body);
    if (cancel) drop(cancel->call);
    return cancel.ok();
  }
  stopping_ = stopping_ || frame.type == FrameType::stop;
  return frame.type == FrameType::stop;
}

// Cancels a call that has not begun.
void CpuHost::drop(std::uint64_t call) {
  const auto found = std::ranges::find(queue_, call, &Queued::call);
  if (found == queue_.end() || !take_offer(page_, call)) return;
  queue_.erase(found);
  FinishedFrame finished;
  finished.call = call;
  finished.end = CallEnd::cancelled;
  finished.text = "cancelled before it began";
  send(finished);
}

void CpuHost::run(const StartView& start) {
  const LoadedTask* task = registry_.find(std::string(start.name));
  if (task == nullptr || task->spec.kind != Kind::cpu) return send(unknown_task(start));
  const BootTime now = system_clock().boot();
  flowrra_call call(start, now);
  cost_.begin(now);
  {
    mark_since(now);
    const CallMark marked(start.call);
    output_.begin(start.call);
    {
      const TaskLimits limits(start.limits);
      run_task(*task, call, start.args);
    }
    end_call(call, CallEnd::failure, kNeverEnded);
    call.outcome.printed = output_.end(start.call);
  }
  const Cost cost = cost_.end(system_clock().boot(), queue_.empty() ? CostMeter::Then::nothing : CostMeter::Then::next);
  call.outcome.cpu_s = cost.cpu_s;
  call.outcome.max_rss = cost.max_rss;
  send(call.outcome, release_progress(call, Release::anyway));
}

void CpuHost::ended(flowrra_call&) {}  // run() sends the outcome, with what it cost

void CpuHost::send(const FinishedFrame& outcome, std::string frames) {
  append(frames, outcome);
  send(frames);
}

void CpuHost::send(std::string_view frames) {
  if (!stream_.write(frames)) _exit(kNodeGone);
}

bool CpuHost::stop_asked(const flowrra_call& call) const { return page_.cancel == call.number; }

const void* CpuHost::extension(std::string_view) const { return nullptr; }

}  // namespace flowrra
