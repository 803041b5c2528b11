// The stream between node and host: however it is split in reading, the same frames come out, and what a frame's body
// is read as is written as the same body again.

#include <vector>

#include "fuzz/oracle.hpp"
#include "host/frame.hpp"

namespace {

using namespace flowrra;

struct Whole {
  FrameType type;
  std::string body;
  bool operator==(const Whole&) const = default;
};

// All frames of a stream that arrives in pieces; `lost` when it cannot be followed to its end.
struct Stream {
  std::vector<Whole> frames;
  bool lost = false;
  bool midway = false;
  bool operator==(const Stream&) const = default;
};

Stream read_in_pieces(std::string_view bytes, std::size_t piece) {
  Stream out;
  FrameReader reader;
  while (!bytes.empty() && !out.lost) {
    reader.feed(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    for (;;) {
      auto frame = reader.next();
      out.lost = !frame.ok();
      if (!frame || !*frame) break;
      out.frames.push_back({(*frame)->type, std::string((*frame)->body)});
    }
  }
  out.midway = !out.lost && reader.midway();
  return out;
}

template <typename T>
void check_body(Result<T> (*read)(std::string_view), const std::string& body) {
  const auto frame = read(body);
  if (!frame) return;
  std::string once;
  append(once, *frame);
  FrameReader reader;
  reader.feed(once);
  const auto again = reader.next();
  fuzz::require(again.ok() && again->has_value(), "what was written is one frame");
  fuzz::require((*again)->body.size() == body.size(), "a body is written as long as it was read");
  const auto reread = read((*again)->body);
  fuzz::require(reread.ok(), "what was written can be read");
  std::string twice;
  append(twice, *reread);
  fuzz::require(once == twice, "a frame is written the same way twice");
}

void check_body(const Whole& frame) {
  switch (frame.type) {
    case FrameType::start:
      return check_body(read_start, frame.body);
    case FrameType::cancel:
      return check_body(read_cancel, frame.body);
    case FrameType::ready:
      return check_body(read_ready, frame.body);
    case FrameType::finished:
      return check_body(read_finished, frame.body);
    case FrameType::progress:
      return check_body(read_progress, frame.body);
    case FrameType::log:
      return check_body(read_log, frame.body);
    case FrameType::stop:
      break;
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = flowrra::fuzz::text_of(data, size);
  const Stream whole = read_in_pieces(bytes, bytes.size());
  for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, std::size_t{7}, size / 2 + 1}) {
    flowrra::fuzz::require(read_in_pieces(bytes, piece) == whole, "the pieces make no difference");
  }
  for (const Whole& frame : whole.frames) check_body(frame);
  return 0;
}
