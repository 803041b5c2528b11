#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/fd.hpp"
#include "host/page.hpp"

// How what a cpu host prints is told apart by task, although tasks are sent ahead: where a task has printed anything,
// the host ends it in the stream itself with a mark. A task that prints nothing costs no write.
namespace flowrra {

// A mark is these bytes, which no text has, and the call's number, little-endian.
inline constexpr std::string_view kMarkBegin("\0\xFF\x1E\0flowrra\xFF", 12);
inline constexpr std::size_t kMarkSize = kMarkBegin.size() + 8;

std::string output_mark(std::uint64_t call);
// The call of a mark; `mark` has kMarkSize bytes.
std::uint64_t call_of_mark(std::string_view mark);

// The host's side. [main thread]
class OutputMarks {
 public:
  // Writes to what is standard output now, whatever tasks make of it. Writes nothing unless page.output.marked is set.
  explicit OutputMarks(SharedPage& page);

  // What is printed from now on is the call's.
  void begin(std::uint64_t call);

  // Flushes, and writes the call's mark if anything was printed since the last mark, by whomever; true when it did.
  // The mark is in the pipe when this returns.
  bool end(std::uint64_t call);

 private:
  // How much was ever written to the pipe; nothing while the node reads it.
  [[nodiscard]] std::optional<std::uint64_t> written() const;
  void write_mark(std::uint64_t call) const;

  SharedPage::Output& page_;
  UniqueFd pipe_;
  std::optional<std::uint64_t> marked_until_ = 0;
};

}  // namespace flowrra
