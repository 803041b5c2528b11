#pragma once

#include <string>
#include <string_view>

#include "host/call.hpp"

struct flowrra_host;

namespace flowrra {

inline constexpr Micros kProgressEvery = std::chrono::milliseconds(50);
inline constexpr std::size_t kMaxLogBytes = 4096;
inline constexpr std::size_t kMaxNoteBytes = 1024;
inline constexpr std::size_t kMaxMessageBytes = 16 * 1024;

// What the table that plugins call asks of the host behind it.
class CallOwner {
 public:
  virtual ~CallOwner() = default;
  // The call's outcome is set and checked. [the thread that ended it]
  virtual void ended(flowrra_call& call) = 0;
  // News of a task, progress or log, as a frame: sent soon, or dropped when the node is far behind. [any thread]
  virtual void tell(std::string frame) = 0;
  // The call has a progress that is held back: ask release_progress() within kProgressEvery, or at its end. [any
  // thread]
  virtual void progress_held(flowrra_call& call) = 0;
  // The node asks this call to stop, apart from call.cancelled. [any thread]
  [[nodiscard]] virtual bool stop_asked(const flowrra_call& call) const = 0;
  // A table of the ABI by its id, or null. [any thread]
  [[nodiscard]] virtual const void* extension(std::string_view id) const = 0;
};

// The one flowrra_host of this process. Without an owner it serves only to read a plugin's tasks.
const flowrra_host& host_table();
// Says who owns the calls; must outlive every call. [main thread, before a task runs]
void set_call_owner(CallOwner& owner);

// Ends the call as the host wants it; false when it had ended already. [task thread]
bool end_call(flowrra_call& call, CallEnd end, std::string text);

// A line for the node's log, bounded and valid UTF-8.
std::string log_frame(std::uint64_t call, std::uint32_t level, std::string_view text);

// Takes the frame of the progress that is held back: empty when there is none, or when its time has not come and it is
// not wanted anyway. [any thread]
enum class Release { if_due, anyway };
std::string release_progress(flowrra_call& call, Release when);

}  // namespace flowrra
