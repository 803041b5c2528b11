#pragma once

// Running other programs from a coroutine.

#include <cerrno>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "flowrra/command.hpp"
#include "flowrra/group.hpp"
#include "flowrra/io_context.hpp"
#include "flowrra/spawn.hpp"

namespace flowrra::inline sdk {

namespace detail {

inline constexpr std::size_t kChunk = std::size_t{64} * 1024;  // also what a pipe holds

// Takes one output of a program: hands it on, or keeps the last of it.
class Sink {
 public:
  Sink(const Command::Stream& stream, std::size_t keep) : stream_(stream), keep_(keep) {}

  void take(std::string_view chunk) {
    if (!stream_.receiver) return store(chunk);
    if (!stream_.by_lines) return stream_.receiver(chunk);
    while (!chunk.empty()) {
      const std::size_t end = chunk.find('\n');
      text_.append(chunk.substr(0, end));
      if (end != chunk.npos || text_.size() >= kChunk) {
        std::string line;
        line.swap(text_);
        stream_.receiver(line);
      }
      chunk.remove_prefix(end == chunk.npos ? chunk.size() : end + 1);
    }
  }
  // The output has ended.
  void finish() {
    if (stream_.receiver && !text_.empty()) stream_.receiver(std::exchange(text_, {}));
    trim();
  }
  [[nodiscard]] std::string& kept() { return text_; }
  [[nodiscard]] std::size_t dropped() const { return dropped_; }

 private:
  void store(std::string_view chunk) {
    text_.append(chunk);
    if (text_.size() > 2 * keep_ + kChunk) trim();
  }
  void trim() {
    if (text_.size() <= keep_) return;
    dropped_ += text_.size() - keep_;
    text_.erase(0, text_.size() - keep_);
  }

  const Command::Stream& stream_;
  std::size_t keep_;
  std::string text_;
  std::size_t dropped_ = 0;
};

// Reads what is there, at most one chunk. False at the end of the output.
inline bool read_chunk(Descriptor& from, std::string& buffer, Sink& into) {
  const ssize_t got = ::read(from.get(), buffer.data(), buffer.size());
  if (got > 0) into.take(std::string_view(buffer).substr(0, static_cast<std::size_t>(got)));
  if (got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR))) return true;
  from.close();
  return false;
}

inline Co<void> drain(IoContext& ctx, Descriptor& from, Sink& into) {
  std::string buffer(kChunk, '\0');
  do {
    co_await ctx.readable(from.get());
  } while (read_chunk(from, buffer, into));
}

// What the program wrote before it ended and nobody has read yet.
inline void drain_rest(Descriptor& from, Sink& into) {
  std::string buffer(kChunk, '\0');
  for (int reads = 0; from && reads < 4; ++reads) {
    errno = 0;
    if (!read_chunk(from, buffer, into) || errno == EAGAIN) break;
  }
  into.finish();
}

inline Co<void> feed(IoContext& ctx, Descriptor& to, std::string_view text) {
  while (!text.empty()) {
    co_await ctx.writable(to.get());
    const ssize_t sent = ::send(to.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) break;  // it does not want to read
    if (sent > 0) text.remove_prefix(static_cast<std::size_t>(sent));
  }
  to.close();
}

// The program's end; or, cancelled, its killing.
inline Co<void> end_of(IoContext& ctx, Child& child) {
  bool cancelled = false;
  try {
    co_await ctx.readable(child.ended());
  } catch (const Cancelled&) {
    cancelled = true;
  }
  child.kill_all();
  if (cancelled) co_await Ready(ctx.scope(), child.ended(), FLOWRRA_FD_READABLE | FLOWRRA_FD_TO_THE_END);
  child.reap();
  if (cancelled) throw Cancelled();
}

}  // namespace detail

// Runs a program to its end.
//   const flowrra::Exit exit = co_await flowrra::run(ctx, flowrra::Command("ffmpeg", "-i", path, target));
//   if (!exit) throw std::runtime_error("ffmpeg " + exit.text());
// The program leads a process group of its own. When it has ended, or the await is cancelled (with the task, by
// with_timeout() and the like) or fails, what is left of that group is killed and waited for. Throws std::system_error
// when the program cannot be started, Cancelled, and what a receiver of its output throws.
inline Co<Exit> run(IoContext& ctx, Command command) {
  detail::Scope& scope = co_await detail::OwnScope();
  if (scope.cancelled()) throw Cancelled();
  detail::Child child(command);
  detail::Sink out(command.output(), command.kept());
  detail::Sink err(command.errors(), command.kept());
  {
    const std::string_view input = command.given_input() ? std::string_view(*command.given_input()) : "";
    detail::Branches<void, void, void, void> branches(detail::end_of(ctx, child), detail::drain(ctx, child.output, out),
                                                      detail::drain(ctx, child.errors, err),
                                                      detail::feed(ctx, child.input, input));
    detail::Group group(scope, detail::Group::Rule::leader);
    co_await group.run(branches.each);
    if (group.error()) std::rethrow_exception(group.error());
  }
  detail::drain_rest(child.output, out);
  detail::drain_rest(child.errors, err);
  Exit exit{child.code, child.signal, std::move(out.kept()), std::move(err.kept()), out.dropped() + err.dropped()};
  co_return exit;
}

}  // namespace flowrra::inline sdk
