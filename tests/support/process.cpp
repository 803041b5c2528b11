#include "support/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace flowrra::test {
namespace {

UniqueFd file_with(const std::string& text) {
  UniqueFd file(memfd_create("input", MFD_CLOEXEC));
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t put = ::write(file.get(), text.data() + done, text.size() - done);
    if (put <= 0) throw std::runtime_error("cannot write a command's input");
    done += static_cast<std::size_t>(put);
  }
  ::lseek(file.get(), 0, SEEK_SET);
  return file;
}

std::vector<std::string> words(const Command& command) {
  if (command.folder.empty()) return command.line;
  std::vector<std::string> out{"/usr/bin/env", "-C", command.folder};
  out.insert(out.end(), command.line.begin(), command.line.end());
  return out;
}

bool readable(int fd, int timeout_ms) {
  pollfd entry{fd, POLLIN, 0};
  return ::poll(&entry, 1, timeout_ms) > 0;
}

}  // namespace

Process::Process(const Command& command) : stop_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  start(command);
  collector_ = std::thread([this] { collect(); });
}

Process::~Process() {
  if (!reaped_) {
    signal(SIGKILL);
    reap();
  }
}

void Process::start(const Command& command) {
  std::array<int, 2> out{};
  std::array<int, 2> err{};
  if (pipe2(out.data(), O_CLOEXEC) != 0 || pipe2(err.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  out_.fd.reset(out[0]);
  err_.fd.reset(err[0]);
  const UniqueFd out_end(out[1]);
  const UniqueFd err_end(err[1]);
  fcntl(out[0], F_SETFL, O_NONBLOCK);
  fcntl(err[0], F_SETFL, O_NONBLOCK);
  const UniqueFd input = file_with(command.input);
  ChildRequest request;
  request.arguments = words(command);
  request.program = request.arguments.front();
  request.arguments.erase(request.arguments.begin());
  request.environment = clean_environment();
  request.environment.insert(request.environment.end(), command.environment.begin(), command.environment.end());
  request.fds = {{input.get(), 0}, {out_end.get(), 1}, {err_end.get(), 2}};
  auto child = start_child(request);
  if (!child) throw std::runtime_error(child.error().message);
  child_ = std::move(*child);
}

// Reads what is there; false when nothing more will come.
bool Process::take(Stream& stream) {
  std::array<char, 65536> buffer{};
  for (;;) {
    const ssize_t got = ::read(stream.fd.get(), buffer.data(), buffer.size());
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    if (got == 0) return false;
    const std::lock_guard lock(mutex_);
    stream.text.append(buffer.data(), static_cast<std::size_t>(got));
    changed_.notify_all();
  }
}

// [collector thread] Ends when the process has ended, though a child of its own may hold its pipes still.
void Process::collect() {
  bool ended = false;
  while (!ended) {
    std::array<pollfd, 4> entries{pollfd{out_.open ? out_.fd.get() : -1, POLLIN, 0},
                                  pollfd{err_.open ? err_.fd.get() : -1, POLLIN, 0},
                                  pollfd{child_.pidfd.get(), POLLIN, 0}, pollfd{stop_.get(), POLLIN, 0}};
    ::poll(entries.data(), entries.size(), -1);
    ended = entries[2].revents != 0 || entries[3].revents != 0;
    if (out_.open) out_.open = take(out_);
    if (err_.open) err_.open = take(err_);
  }
  const std::lock_guard lock(mutex_);
  over_ = true;
  changed_.notify_all();
}

void Process::wait_for(const Stream& stream, const std::string& text, std::chrono::milliseconds deadline) {
  std::unique_lock lock(mutex_);
  const auto there = [&] { return stream.text.find(text) != std::string::npos; };
  changed_.wait_for(lock, deadline, [&] { return there() || over_; });
  if (there()) return;
  throw std::runtime_error(std::string(over_ ? "ended" : "too late") + ", and did not write \"" + text +
                           "\"; output: " + out_.text + "; error output: " + err_.text);
}

void Process::wait_for_error_text(const std::string& text, std::chrono::milliseconds deadline) {
  wait_for(err_, text, deadline);
}

void Process::wait_for_output_text(const std::string& text, std::chrono::milliseconds deadline) {
  wait_for(out_, text, deadline);
}

void Process::signal(int number) const { syscall(SYS_pidfd_send_signal, child_.pidfd.get(), number, nullptr, 0); }

bool Process::ends_within(std::chrono::milliseconds time) const {
  return reaped_ || readable(child_.pidfd.get(), static_cast<int>(time.count()));
}

void Process::reap() {
  end_ = wait_child(child_);
  reaped_ = true;
  collector_.join();
}

Outcome Process::wait(std::chrono::milliseconds deadline) {
  if (!reaped_) {
    if (!readable(child_.pidfd.get(), static_cast<int>(deadline.count()))) {
      throw std::runtime_error("does not end; output: " + out() + "; error output: " + err());
    }
    reap();
  }
  return {end_, out_.text, err_.text};
}

std::string Process::out() {
  const std::lock_guard lock(mutex_);
  return out_.text;
}

std::string Process::err() {
  const std::lock_guard lock(mutex_);
  return err_.text;
}

Outcome run(const Command& command, std::chrono::milliseconds deadline) {
  Process process(command);
  return process.wait(deadline);
}

}  // namespace flowrra::test
