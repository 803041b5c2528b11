#include "executor/host_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/log.hpp"
#include "base/process_stat.hpp"
#include "plugin/host_environment.hpp"

namespace flowrra {
namespace {

constexpr int kSocketFd = 3;
constexpr int kPageFd = 4;
constexpr int kCrashFd = 5;
constexpr int kReadsPerTurn = 16;

struct Ends {
  UniqueFd ours;
  UniqueFd theirs;
};

Result<Ends> socket_pair() {
  std::array<int, 2> fds{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()) != 0) {
    return Error{Code::internal, "socketpair: " + errno_text(errno), "Raise `ulimit -n`."};
  }
  fcntl(fds[0], F_SETFL, O_NONBLOCK);
  return Ends{UniqueFd(fds[0]), UniqueFd(fds[1])};
}

Result<Ends> output_pipe() {
  std::array<int, 2> fds{};
  if (pipe2(fds.data(), O_CLOEXEC) != 0) {
    return Error{Code::internal, "pipe: " + errno_text(errno), "Raise `ulimit -n`."};
  }
  return Ends{UniqueFd(fds[0]), UniqueFd(fds[1])};
}

void add_limits(const Limits& limits, std::vector<std::string>& arguments) {
  const auto add = [&](const char* option, std::uint64_t value) {
    if (value > 0) arguments.insert(arguments.end(), {option, std::to_string(value)});
  };
  add("--memory", limits.memory);
  add("--open-files", limits.open_files);
  add("--file-size", limits.file_size);
  add("--processes", limits.processes);
}

ChildRequest request_for(const HostSettings& settings, Kind kind) {
  ChildRequest request;
  request.program = settings.program;
  request.arguments = {"run",
                       "--kind",
                       std::string(name(kind)),
                       "--socket-fd",
                       std::to_string(kSocketFd),
                       "--page-fd",
                       std::to_string(kPageFd),
                       "--crash-fd",
                       std::to_string(kCrashFd),
                       "--parent",
                       std::to_string(getpid()),
                       "--blocking-threads",
                       std::to_string(settings.blocking_threads)};
  if (kind == Kind::io) add_limits(settings.io_limits, request.arguments);
  for (const PluginFile& plugin : settings.plugins) {
    if (!plugin.copy.empty()) request.arguments.insert(request.arguments.end(), {"--copy", plugin.copy});
    request.arguments.push_back(plugin.path);
  }
  request.environment = host_environment();
  return request;
}

}  // namespace

Result<std::unique_ptr<HostProcess>> HostProcess::start(Loop& loop, const HostSettings& settings, Kind kind,
                                                        HostEvents events) {
  auto page = PageMap::create();
  if (!page) return page.error();
  auto crash = CrashArea::create();
  if (!crash) return crash.error();
  auto sockets = socket_pair();
  if (!sockets) return sockets.error();
  auto output = output_pipe();
  if (!output) return output.error();
  page->page().output.marked = kind == Kind::cpu ? 1 : 0;
  ChildRequest request = request_for(settings, kind);
  request.fds = {{sockets->theirs.get(), kSocketFd},
                 {page->fd(), kPageFd},
                 {crash->fd(), kCrashFd},
                 {output->theirs.get(), STDOUT_FILENO},
                 {output->theirs.get(), STDERR_FILENO}};
  std::unique_ptr<Orphans::Host> mark;
  if (settings.orphans != nullptr) {
    mark = settings.orphans->add_host(kind, page->page());
    request.environment.push_back(mark->variable());
  }
  auto child = start_child(request);
  if (!child) return child.error().in("start a host");

  std::unique_ptr<HostProcess> host(
      new HostProcess(loop, kind, *std::move(page), *std::move(crash), std::move(events)));
  host->child_ = *std::move(child);
  host->mark_ = std::move(mark);
  host->socket_ = std::move(sockets->ours);
  host->output_ =
      std::make_unique<OutputPipe>(loop, std::move(output->ours), host->page().output, host->events_.printed);
  host->watch(loop);
  return host;
}

HostProcess::HostProcess(Loop& loop, Kind kind, PageMap page, CrashArea crash, HostEvents events)
    : page_(std::move(page)), crash_(std::move(crash)), events_(std::move(events)), flush_(loop, [this] { flush(); }) {
  if (kind == Kind::cpu) stream_.emplace(page_.page().stream);
}

HostProcess::~HostProcess() {
  if (reaped_ || child_.pid <= 0) return;
  kill();
  wait_child(child_);
}

void HostProcess::watch(Loop& loop) {
  socket_poll_ = std::make_unique<Poll>(loop, socket_.get(), [this](bool readable, bool writable) {
    if (writable) flush();
    if (readable) on_readable();
  });
  end_poll_ = std::make_unique<Poll>(loop, child_.pidfd.get(), [this](bool, bool) { on_ended(); });
}

void HostProcess::send(const StartView& frame) {
  append(unsent_, frame);
  flush_.request();
}

void HostProcess::send(const CancelFrame& frame) {
  append(unsent_, frame);
  flush_.request();
}

void HostProcess::send(const StopFrame& frame) {
  stop_sent_ = true;
  append(unsent_, frame);
  flush_.request();
}

void HostProcess::flush() {
  if (!socket_poll_) return;
  std::size_t sent = 0;
  while (sent < unsent_.size()) {
    const ssize_t count = ::send(socket_.get(), unsent_.data() + sent, unsent_.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) break;  // full, or the host is gone: its end is reported by its pidfd
    sent += static_cast<std::size_t>(count);
  }
  unsent_.erase(0, sent);
  socket_poll_->watch_writable(!unsent_.empty());
}

void HostProcess::on_readable() {
  for (int i = 0; i < kReadsPerTurn; ++i) {
    const Reading reading = read_once();
    if (reading == Reading::closed || !deliver() || reading == Reading::drained) return;
  }
}

HostProcess::Reading HostProcess::read_once() {
  std::array<char, 65536> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  const ssize_t count = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
  if (count > 0) {
    if (!stream_) reader_.feed({bytes.data(), static_cast<std::size_t>(count)});
    return static_cast<std::size_t>(count) < bytes.size() ? Reading::drained : Reading::more;
  }
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return Reading::drained;
  // Without its socket a host is of no use, unless it is ending as it was told to.
  socket_poll_.reset();
  if (stop_sent_) return Reading::closed;
  const auto stat = process_stat(child_.pid);
  const bool lives = stat && stat->state != 'Z' && !stat->exiting;
  if (lives) broken_ = "closed its connection to the node";
  kill();
  return Reading::closed;
}

bool HostProcess::deliver() {
  if (stream_ && !stream_->read(reader_)) {
    lose();
    return false;
  }
  for (;;) {
    auto frame = reader_.next();
    if (frame && !*frame) break;
    bool good = frame.ok();
    const auto pass = [&good](auto&& parsed, auto& event) {
      good = parsed.ok();
      if (good) event(*std::forward<decltype(parsed)>(parsed));
    };
    if (good) {
      const std::string_view body = (*frame)->body;
      switch ((*frame)->type) {
        case FrameType::ready:
          ready_ = true;
          pass(read_ready(body), events_.ready);
          break;
        case FrameType::finished:
          good = deliver_finished(body);
          break;
        case FrameType::progress:
          pass(read_progress(body), events_.progressed);
          break;
        case FrameType::log:
          pass(read_log(body), events_.logged);
          break;
        case FrameType::start:
        case FrameType::cancel:
        case FrameType::stop:
          good = false;
          break;
      }
    }
    if (!good) {
      lose();
      return false;
    }
  }
  return true;
}

void HostProcess::lose() {
  log::error("host " + std::to_string(child_.pid) + " sent what is no frame; it is replaced");
  broken_ = "sent the node what is no frame";
  socket_poll_.reset();
  kill();
}

bool HostProcess::deliver_finished(std::string_view body) {
  auto frame = read_finished(body);
  if (!frame) return false;
  if (frame->printed) output_->read_to_mark(frame->call);
  if (mark_) mark_->task_ended();
  events_.finished(*std::move(frame));
  return true;
}

void HostProcess::on_ended() {
  while (socket_poll_ && read_once() == Reading::more && deliver()) {
  }
  if (broken_ == nullptr) deliver();
  output_->drain();
  ::kill(-child_.pid, SIGKILL);  // what it left behind in its process group
  const HostEnd end{wait_child(child_), page_.page().fault.load(), ready_, broken_, &crash_};
  reaped_ = true;
  mark_.reset();
  end_poll_.reset();
  socket_poll_.reset();
  const auto ended = events_.ended;
  ended(end);
}

void HostProcess::terminate() {
  if (!reaped_ && ::kill(-child_.pid, SIGTERM) != 0) ::kill(child_.pid, SIGTERM);
}

void HostProcess::kill() {
  // The group exists once the host has called setsid().
  if (!reaped_ && ::kill(-child_.pid, SIGKILL) != 0) ::kill(child_.pid, SIGKILL);
}

}  // namespace flowrra
