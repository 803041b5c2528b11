#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

// A task's log as stores keep it: JSON lines {"at":µs,"attempt":n,"level":"info","message":"…"}, each ended by a line
// feed, the last kMaxLog bytes of them. Where older ones were dropped, the first line is {"dropped":n}.
namespace flowrra {

inline constexpr std::size_t kMaxLog = 64 * 1024;
inline constexpr std::size_t kMaxLogMessage = 4096;  // bytes; what is longer is cut

struct LogLine {
  WallTime at;
  int attempt = 0;
  std::string level;  // debug, info, warning, error; output: the task printed it
  std::string message;

  bool operator==(const LogLine&) const = default;
};

// The line's stored form. Bytes that are not UTF-8 are replaced.
std::string to_json_line(const LogLine& line);

struct TaskLog {
  std::uint64_t dropped = 0;
  std::vector<LogLine> lines;
};

// Reads the stored form; lines that are none are left out.
TaskLog parse_log(std::string_view text);

// `log` with `more` behind it, within kMaxLog.
std::string appended_log(std::string_view log, std::string_view more);

// The last lines of what a running task says. Adding costs the same however much has been said.
class LogTail {
 public:
  void add(std::string json_line);
  [[nodiscard]] bool empty() const { return lines_.empty(); }
  // What was added since the last take, as a store wants it.
  std::string take();

 private:
  std::deque<std::string> lines_;
  std::size_t size_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace flowrra
