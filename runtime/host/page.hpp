#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "base/fd.hpp"
#include "base/result.hpp"
#include "host/shared_stream.hpp"

namespace flowrra {

inline constexpr std::size_t kMaxThreads = 257;  // the main thread and at most 256 of the blocking pool
inline constexpr std::size_t kMaxOffers = 64;    // tasks that a cpu host may hold before it runs them

// Whether a task that was sent ahead to a cpu host may still be taken back. Both sides change it by compare-and-swap:
// the host takes it just before it runs it, the node recalls it when another host is idle.
enum class Offer : std::uint64_t { none = 0, offered = 1, taken = 2, recalled = 3 };

// The memory that a node shares with one host. It outlives the host, so the node reads who was running when it died.
struct SharedPage {
  // The call that killed the host, written by the host's fault handlers and at exit; 0: nobody known.
  std::atomic<std::uint64_t> fault;
  // The call that a cpu host should stop: its number; 0: none. (An io host gets cancel frames.)
  std::atomic<std::uint64_t> cancel;
  // The call on the processor, for each thread of the host; 0: none. Index 0 is the main thread.
  struct alignas(64) Thread {
    std::atomic<std::uint64_t> call;
    std::atomic<std::int64_t> since;  // boot time in microseconds; of the main thread only
  };
  std::array<Thread, kMaxThreads> threads;
  // The blocking task that an io host began last; those with higher numbers wait for a thread.
  std::atomic<std::uint64_t> pool_begun;
  // The offer of call c stands at index c % kMaxOffers, as c * 4 + Offer.
  std::array<std::atomic<std::uint64_t>, kMaxOffers> offers;
  // How a cpu host and the node agree on who printed what: see host/output_mark.hpp.
  struct alignas(64) Output {
    std::atomic<std::uint64_t> marked;    // not 0: the host is to write marks; set by the node before it starts
    std::atomic<std::uint64_t> begun;     // the call that the host began last
    std::atomic<std::uint64_t> reading;   // odd while the node reads the pipe
    std::atomic<std::uint64_t> consumed;  // bytes that the node has read from it
  };
  Output output;
  // What a cpu host says. Last, so that an io host's pages of it are never touched.
  SharedStream stream;
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

// Marks the call as offered. [node's loop thread], before its start frame is sent
void offer(SharedPage& page, std::uint64_t call);
// True when the host may run it now. [host's main thread]
bool take_offer(SharedPage& page, std::uint64_t call);
// True when the node has it back: the host will never run it. [node's loop thread]
bool recall_offer(SharedPage& page, std::uint64_t call);
// True when the host has taken it. [node's loop thread]
bool offer_taken(const SharedPage& page, std::uint64_t call);
// True when neither has it: false, too, when a task has written over it. [node's loop thread]
bool offer_open(const SharedPage& page, std::uint64_t call);

// The mapping of a page, made by the node and inherited by the host as a descriptor.
class PageMap {
 public:
  // A new page on a memfd, all zero but for the lock of its stream. CLOEXEC.
  static Result<PageMap> create();
  // Maps the page behind a descriptor inherited from the node.
  static Result<PageMap> attach(int fd);

  PageMap(PageMap&& other) noexcept;
  PageMap& operator=(PageMap&& other) noexcept;
  PageMap(const PageMap&) = delete;
  PageMap& operator=(const PageMap&) = delete;
  ~PageMap();

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] SharedPage& page() const { return *page_; }

 private:
  PageMap(UniqueFd fd, SharedPage* page) : fd_(std::move(fd)), page_(page) {}
  UniqueFd fd_;
  SharedPage* page_ = nullptr;
};

}  // namespace flowrra
