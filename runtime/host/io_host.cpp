#include "host/io_host.hpp"

#include <flowrra/plugin.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

#include "host/async_table.hpp"
#include "host/outcome.hpp"
#include "host/run_task.hpp"

namespace flowrra {
namespace {

constexpr int kNodeGone = 1;
constexpr int kReadsInARow = 16;  // then the loop goes on, so that a flood of starts does not starve the timers
constexpr std::uint64_t kClosingMs = 1000;

std::unique_ptr<uv_loop_t> open_loop() {
  auto loop = std::make_unique<uv_loop_t>();
  uv_loop_init(loop.get());
  return loop;
}

std::string slow_text(Micros took) {
  return "the task kept the loop for " + std::to_string(took.count() / 1000) +
         " ms: io tasks must not block, use blocking() or a blocking task";
}

}  // namespace

IoHost::IoHost(UniqueFd socket, SharedPage& page, const Registry& registry)
    : socket_(std::move(socket)),
      registry_(registry),
      loop_(open_loop()),
      marks_([this](std::uint64_t call, Micros took) { tell(log_frame(call, FLOWRRA_LOG_WARNING, slow_text(took))); }),
      sleepers_(loop_.get(), marks_),
      pool_(loop_.get(), marks_),
      blocking_(loop_.get(), page, [this](IoCall& call) { ended_elsewhere(call); }),
      fds_(loop_.get(), marks_, sleepers_) {
  bind_async_table({loop_.get(), &sleepers_, &pool_, &fds_, &marks_});
  open_handles();
}

void IoHost::open_handles() {
  uv_poll_init(loop_.get(), &poll_, socket_.get());
  uv_prepare_init(loop_.get(), &prepare_);
  uv_async_init(loop_.get(), &wake_, [](uv_async_t* handle) { static_cast<IoHost*>(handle->data)->on_wake(); });
  uv_timer_init(loop_.get(), &progress_timer_);
  poll_.data = prepare_.data = wake_.data = progress_timer_.data = this;
}

int IoHost::serve(const ReadyFrame& ready) {
  std::string frame;
  append(frame, ready);
  unsent_.add(frame);
  watch_socket();
  uv_prepare_start(&prepare_, [](uv_prepare_t* handle) { static_cast<IoHost*>(handle->data)->end_turn(); });
  uv_run(loop_.get(), UV_RUN_DEFAULT);
  if (status_ == 0 && unsent_.write_all(socket_.get()) != Unsent::Written::all) status_ = kNodeGone;
  ended_calls_.clear();
  return status_;
}

void IoHost::close() {
  uv_close(reinterpret_cast<uv_handle_t*>(&poll_), nullptr);
  uv_close(reinterpret_cast<uv_handle_t*>(&prepare_), nullptr);
  uv_close(reinterpret_cast<uv_handle_t*>(&wake_), nullptr);
  uv_close(reinterpret_cast<uv_handle_t*>(&progress_timer_), nullptr);
  sleepers_.close();
  uv_timer_t guard;
  uv_timer_init(loop_.get(), &guard);
  uv_timer_start(
      &guard, [](uv_timer_t* timer) { uv_stop(timer->loop); }, kClosingMs, 0);
  uv_unref(reinterpret_cast<uv_handle_t*>(&guard));
  uv_run(loop_.get(), UV_RUN_DEFAULT);
  uv_close(reinterpret_cast<uv_handle_t*>(&guard), nullptr);
  uv_run(loop_.get(), UV_RUN_NOWAIT);
  if (uv_loop_close(loop_.get()) != 0) {
    [[maybe_unused]] const uv_loop_t* const left = loop_.release();  // a plugin's open handle points into it
  }
}

void IoHost::watch_socket() {
  const int events = watching_writable_ ? UV_READABLE | UV_WRITABLE : UV_READABLE;
  uv_poll_start(&poll_, events, [](uv_poll_t* handle, int status, int ready) {
    static_cast<IoHost*>(handle->data)->on_socket(status < 0 ? UV_READABLE : ready);
  });
}

void IoHost::on_socket(int events) {
  if ((events & UV_READABLE) != 0 && !read_frames()) leave(kNodeGone);
}

// False when the node is gone or speaks nonsense.
bool IoHost::read_frames() {
  std::array<char, 65536> bytes;
  for (int i = 0; i < kReadsInARow; ++i) {
    const ssize_t got = recv(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (got == 0) return false;
    if (got < 0) return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    reader_.feed({bytes.data(), static_cast<std::size_t>(got)});
    while (true) {
      const auto frame = reader_.next();
      if (!frame) return false;
      if (!frame->has_value()) break;
      if (!handle(**frame)) return false;
    }
    if (static_cast<std::size_t>(got) < bytes.size()) return true;
  }
  return true;
}

bool IoHost::handle(const Frame& frame) {
  if (frame.type == FrameType::start) {
    const auto read = read_start(frame.body);
    if (read) start(*read);
    return read.ok();
  }
  if (frame.type == FrameType::cancel) {
    const auto read = read_cancel(frame.body);
    if (read) cancel(*read);
    return read.ok();
  }
  if (frame.type != FrameType::stop) return false;
  stopping_ = true;
  if (calls_.empty()) leave(0);
  return true;
}

void IoHost::start(const StartView& start) {
  const LoadedTask* task = registry_.find(std::string(start.name));
  if (task == nullptr || task->spec.kind != Kind::io) {
    unsent_.add(unknown_task(start));
    return;
  }
  const BootTime now = start.timeout_us > 0 ? system_clock().boot() : BootTime();  // for its deadline
  auto made = std::make_unique<IoCall>(start, now, task->spec.blocking);
  const auto [place, added] = calls_.emplace(start.call, std::move(made));
  if (!added) return;
  IoCall& call = *place->second;
  if (task->spec.blocking) {
    blocking_.add(call, *task, std::string(start.args));
    return;
  }
  const Dispatch dispatch(marks_, call.number);
  run_task(*task, call, start.args);
}

void IoHost::cancel(const CancelFrame& cancel) {
  const auto found = calls_.find(cancel.call);
  if (found == calls_.end()) return;
  IoCall& call = *found->second;
  if (call.in_pool && blocking_.take_back(call)) {
    end_call(call, cancel.unless_begun ? CallEnd::unbegun : CallEnd::cancelled, "cancelled before it began");
    finish(call);
    return;
  }
  if (cancel.unless_begun || call.cancelled.exchange(true)) return;
  fds_.cancel(call);
  sleepers_.wake(call);
  pool_.cancel(call);
  if (call.on_cancel == nullptr) return;
  const Dispatch dispatch(marks_, cancel.call);
  notify_cancelled(call);
}

void IoHost::ended(flowrra_call& call) {
  if (static_cast<IoCall&>(call).in_pool) return;  // finished when its function has returned
  if (std::this_thread::get_id() == loop_thread_) {
    finish(static_cast<IoCall&>(call));
  } else {
    ended_elsewhere(call);
  }
}

// [any thread]
void IoHost::ended_elsewhere(const flowrra_call& call) {
  {
    const std::lock_guard lock(news_lock_);
    ended_elsewhere_.push_back(call.number);
  }
  uv_async_send(&wake_);
}

void IoHost::finish(IoCall& call) {
  marks_.ends(call.number);
  if (const std::string progress = release_progress(call, Release::anyway); !progress.empty()) unsent_.add(progress);
  unsent_.add(call.outcome);
  fds_.forget(call);
  sleepers_.forget(call);
  pool_.forget(call);
  auto owned = calls_.extract(call.number);
  ended_calls_.push_back(std::move(owned.mapped()));
  if (stopping_ && calls_.empty()) leave(0);
}

void IoHost::tell(std::string frame) {
  unsent_.add_news(frame);
  if (std::this_thread::get_id() != loop_thread_) uv_async_send(&wake_);
}

void IoHost::progress_held(flowrra_call& call) {
  {
    const std::lock_guard lock(news_lock_);
    held_.push_back(call.number);
  }
  uv_async_send(&wake_);
}

void IoHost::on_wake() {
  std::vector<std::uint64_t> ended;
  bool held = false;
  {
    const std::lock_guard lock(news_lock_);
    ended.swap(ended_elsewhere_);
    held = !held_.empty();
  }
  for (const std::uint64_t number : ended) {
    if (const auto found = calls_.find(number); found != calls_.end()) finish(*found->second);
  }
  if (held && uv_is_active(reinterpret_cast<uv_handle_t*>(&progress_timer_)) == 0) {
    uv_timer_start(
        &progress_timer_, [](uv_timer_t* timer) { static_cast<IoHost*>(timer->data)->send_held_progress(); },
        std::chrono::ceil<std::chrono::milliseconds>(kProgressEvery).count(), 0);
  }
}

void IoHost::send_held_progress() {
  std::vector<std::uint64_t> held;
  {
    const std::lock_guard lock(news_lock_);
    held.swap(held_);
  }
  for (const std::uint64_t number : held) {
    const auto found = calls_.find(number);
    if (found == calls_.end()) continue;
    if (const std::string frame = release_progress(*found->second, Release::anyway); !frame.empty()) {
      unsent_.add_news(frame);
    }
  }
}

// Once a turn, before the loop waits.
void IoHost::end_turn() {
  ended_calls_.clear();
  marks_.leave_down_to(0);  // what a plugin's own callback entered and did not leave
  const Unsent::Written written = unsent_.write(socket_.get());
  if (written == Unsent::Written::broken) leave(kNodeGone);
  if (const bool more = written == Unsent::Written::partly; more != watching_writable_) {
    watching_writable_ = more;
    watch_socket();
  }
}

void IoHost::leave(int status) {
  status_ = status;
  uv_stop(loop_.get());
}

const void* IoHost::extension(std::string_view id) const { return async_extension(id); }

}  // namespace flowrra
