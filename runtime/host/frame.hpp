#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "task/limits.hpp"

// What a node and its hosts say to each other over a stream socket. A frame is a 4-byte little-endian length of what
// follows, one byte of type, and the fields: integers little-endian and fixed in size, text with a 4-byte length.
// Both ends are of one build, so there is no version.
namespace flowrra {

inline constexpr std::size_t kMaxFrame = 8 * 1024 * 1024;

// node → host
struct StartView {         // of texts that stand elsewhere
  std::uint64_t call = 0;  // the node's number for the attempt, never 0, never used again
  std::int32_t attempt = 1;
  std::int64_t timeout_us = 0;  // from the start of the attempt; 0: none
  Limits limits;                // of a cpu task
  std::string_view id;
  std::string_view name;
  std::string_view args;
};
struct CancelFrame {
  std::uint64_t call = 0;
  bool unless_begun = false;  // hand a blocking task back that waits for a thread, and let one be that runs
};
struct StopFrame {};  // finish what was started, then exit with 0

// host → node
struct ReadyFrame {
  struct Refusal {
    std::string plugin;
    std::string reason;
  };
  std::vector<std::string> tasks;  // that this host can run
  std::vector<Refusal> refused;    // plugins that did not load
};
enum class CallEnd : std::uint8_t { success = 0, failure = 1, permanent = 2, cancelled = 3, unknown = 4, unbegun = 5 };
struct FinishedFrame {
  std::uint64_t call = 0;
  CallEnd end = CallEnd::success;    // unknown: the host has no such task; unbegun: handed back
  std::string text;                  // the result's JSON, or the message of the failure
  std::int64_t retry_after_us = -1;  // negative: not asked for
  double cpu_s = 0;
  std::uint64_t max_rss = 0;
  bool printed = false;  // its mark is in the output pipe
};
struct ProgressFrame {
  std::uint64_t call = 0;
  std::string progress;  // JSON
};
struct LogFrame {
  std::uint64_t call = 0;
  std::uint32_t level = 1;  // FLOWRRA_LOG_…
  std::string text;
};

enum class FrameType : std::uint8_t {
  start = 1,
  cancel = 2,
  stop = 3,
  ready = 16,
  finished = 17,
  progress = 18,
  log = 19
};

// Appends one frame to `out`.
void append(std::string& out, const StartView& frame);
void append(std::string& out, const CancelFrame& frame);
void append(std::string& out, const StopFrame& frame);
void append(std::string& out, const ReadyFrame& frame);
void append(std::string& out, const FinishedFrame& frame);
void append(std::string& out, const ProgressFrame& frame);
void append(std::string& out, const LogFrame& frame);

struct Frame {
  FrameType type;
  std::string_view body;  // valid until the reader is fed again
};

// Cuts a byte stream into frames; how the stream was split in reading makes no difference.
class FrameReader {
 public:
  void feed(std::string_view bytes);
  // The next whole frame, or nothing yet. Code::corrupt for a length or type that cannot be: the stream is lost.
  Result<std::optional<Frame>> next();
  // True when a frame has begun but not ended: the writer died in the middle.
  [[nodiscard]] bool midway() const { return buffer_.size() > begin_; }

 private:
  std::string buffer_;
  std::size_t begin_ = 0;
};

// The fields of a frame's body; Code::corrupt when they do not fit it exactly.
Result<StartView> read_start(std::string_view body);  // of what stands in the body
Result<CancelFrame> read_cancel(std::string_view body);
Result<ReadyFrame> read_ready(std::string_view body);
Result<FinishedFrame> read_finished(std::string_view body);
Result<ProgressFrame> read_progress(std::string_view body);
Result<LogFrame> read_log(std::string_view body);

}  // namespace flowrra
