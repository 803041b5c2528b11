#pragma once

#include <pthread.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

#include "host/frame.hpp"

namespace flowrra {

// What a cpu host says to its node, as a stream of bytes in the memory that both share: it costs no system call while
// the node is busy, and what stands there outlives the host. The node is told by a byte through the socket, the bell,
// unless it was told before and has not looked since. All zero but for `lock`.
struct SharedStream {
  static constexpr std::size_t kSize = 65536;

  std::atomic<std::uint64_t> written;           // bytes, ever; by the host
  std::atomic<std::uint32_t> rung;              // 1: the node is told and has not looked yet
  pthread_mutex_t lock;                         // of those who write: what a task has forked may speak, and die, too
  alignas(64) std::atomic<std::uint64_t> read;  // bytes, ever; by the node
  std::atomic<std::uint32_t> waits;             // 1: a writer sleeps here (futex) until there is room
  std::array<char, kSize> bytes;
};

// [node], before the host is started
void prepare(SharedStream& stream);

// The host's end. [any thread, and those of processes that a task has forked]
class StreamWriter {
 public:
  // Borrows both; `bell` is the socket.
  StreamWriter(SharedStream& stream, int bell) : stream_(stream), bell_(bell) {}

  // Returns when all of it stands in the stream; waits for room where it must. False when the node is gone, or the
  // memory was overwritten.
  bool write(std::string_view bytes);

 private:
  std::size_t wait_for_room();
  bool ring();

  SharedStream& stream_;
  int bell_;
};

// The node's end: trusts nothing that stands in the stream. [node's loop thread]
class StreamReader {
 public:
  explicit StreamReader(SharedStream& stream) : stream_(stream) {}

  // Moves what was written until now to `out`. To be called after the bell was taken out of the socket, and once more
  // when the host has ended. False when the stream says what cannot be.
  bool read(FrameReader& out);

 private:
  SharedStream& stream_;
  std::uint64_t read_ = 0;
};

}  // namespace flowrra
