#include "host/frame.hpp"

#include <bit>
#include <cstring>

namespace flowrra {
namespace {

template <typename Number>
void put(std::string& out, Number value) {
  static_assert(std::endian::native == std::endian::little);
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  out.append(bytes, sizeof value);
}

void put(std::string& out, std::string_view text) {
  put(out, static_cast<std::uint32_t>(text.size()));
  out.append(text);
}

constexpr std::size_t kNumbers = 80;  // bytes that those of a start or a finished frame take at most

// Writes the length once the body is known.
class FrameWriter {
 public:
  FrameWriter(std::string& out, FrameType type) : out_(out), start_(out.size()) {
    put(out_, std::uint32_t{0});
    put(out_, static_cast<std::uint8_t>(type));
  }
  FrameWriter(const FrameWriter&) = delete;
  FrameWriter& operator=(const FrameWriter&) = delete;
  ~FrameWriter() {
    const auto length = static_cast<std::uint32_t>(out_.size() - start_ - sizeof(std::uint32_t));
    std::memcpy(out_.data() + start_, &length, sizeof length);
  }

 private:
  std::string& out_;
  std::size_t start_;
};

class BodyReader {
 public:
  explicit BodyReader(std::string_view body) : rest_(body) {}

  template <typename Number>
  void get(Number& value) {
    if (rest_.size() < sizeof value) {
      fail();
      return;
    }
    std::memcpy(&value, rest_.data(), sizeof value);
    rest_.remove_prefix(sizeof value);
  }
  void get(std::string_view& text) {
    std::uint32_t size = 0;
    get(size);
    if (rest_.size() < size) {
      fail();
      return;
    }
    text = rest_.substr(0, size);
    rest_.remove_prefix(size);
  }
  void get(std::string& text) {
    std::string_view there;
    get(there);
    text.assign(there);
  }
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool complete() const { return good_ && rest_.empty(); }

 private:
  void fail() {
    good_ = false;
    rest_ = {};
  }
  std::string_view rest_;
  bool good_ = true;
};

Error malformed() { return {Code::corrupt, "a frame's fields do not fit its length", {}}; }

template <typename T>
Result<T> whole(const BodyReader& reader, T frame) {
  if (!reader.complete()) return malformed();
  return frame;
}

bool known(std::uint8_t type) { return (type >= 1 && type <= 3) || (type >= 16 && type <= 19); }

}  // namespace

void append(std::string& out, const StartView& frame) {
  out.reserve(out.size() + kNumbers + frame.id.size() + frame.name.size() + frame.args.size());
  const FrameWriter writer(out, FrameType::start);
  put(out, frame.call);
  put(out, frame.attempt);
  put(out, frame.timeout_us);
  put(out, frame.limits.memory);
  put(out, frame.limits.cpu_time_us);
  put(out, frame.limits.open_files);
  put(out, frame.limits.file_size);
  put(out, frame.limits.processes);
  put(out, frame.id);
  put(out, frame.name);
  put(out, frame.args);
}

void append(std::string& out, const CancelFrame& frame) {
  const FrameWriter writer(out, FrameType::cancel);
  put(out, frame.call);
  put(out, static_cast<std::uint8_t>(frame.unless_begun ? 1 : 0));
}

void append(std::string& out, const StopFrame&) { const FrameWriter writer(out, FrameType::stop); }

void append(std::string& out, const ReadyFrame& frame) {
  const FrameWriter writer(out, FrameType::ready);
  put(out, static_cast<std::uint32_t>(frame.tasks.size()));
  for (const std::string& task : frame.tasks) put(out, std::string_view(task));
  put(out, static_cast<std::uint32_t>(frame.refused.size()));
  for (const auto& [plugin, reason] : frame.refused) {
    put(out, std::string_view(plugin));
    put(out, std::string_view(reason));
  }
}

void append(std::string& out, const FinishedFrame& frame) {
  out.reserve(out.size() + kNumbers + frame.text.size());
  const FrameWriter writer(out, FrameType::finished);
  put(out, frame.call);
  put(out, static_cast<std::uint8_t>(frame.end));
  put(out, std::string_view(frame.text));
  put(out, frame.retry_after_us);
  put(out, frame.cpu_s);
  put(out, frame.max_rss);
  put(out, static_cast<std::uint8_t>(frame.printed ? 1 : 0));
}

void append(std::string& out, const ProgressFrame& frame) {
  const FrameWriter writer(out, FrameType::progress);
  put(out, frame.call);
  put(out, std::string_view(frame.progress));
}

void append(std::string& out, const LogFrame& frame) {
  const FrameWriter writer(out, FrameType::log);
  put(out, frame.call);
  put(out, frame.level);
  put(out, std::string_view(frame.text));
}

void FrameReader::feed(std::string_view bytes) {
  if (begin_ == buffer_.size()) {
    buffer_.clear();
    begin_ = 0;
  } else if (begin_ > buffer_.size() / 2) {
    buffer_.erase(0, begin_);
    begin_ = 0;
  }
  buffer_.append(bytes);
}

Result<std::optional<Frame>> FrameReader::next() {
  const std::string_view rest = std::string_view(buffer_).substr(begin_);
  std::uint32_t length = 0;
  if (rest.size() < sizeof length) return std::optional<Frame>();
  std::memcpy(&length, rest.data(), sizeof length);
  if (length == 0 || length > kMaxFrame) {
    return Error{Code::corrupt, "a frame of " + std::to_string(length) + " bytes cannot be", {}};
  }
  if (rest.size() > sizeof length && !known(static_cast<std::uint8_t>(rest[sizeof length]))) {
    return Error{Code::corrupt, "a frame of an unknown type", {}};
  }
  if (rest.size() - sizeof length < length) return std::optional<Frame>();
  begin_ += sizeof length + length;
  return std::optional<Frame>(
      Frame{static_cast<FrameType>(rest[sizeof length]), rest.substr(sizeof length + 1, length - 1)});
}

Result<StartView> read_start(std::string_view body) {
  BodyReader reader(body);
  StartView frame;
  reader.get(frame.call);
  reader.get(frame.attempt);
  reader.get(frame.timeout_us);
  reader.get(frame.limits.memory);
  reader.get(frame.limits.cpu_time_us);
  reader.get(frame.limits.open_files);
  reader.get(frame.limits.file_size);
  reader.get(frame.limits.processes);
  reader.get(frame.id);
  reader.get(frame.name);
  reader.get(frame.args);
  return whole(reader, frame);
}

Result<CancelFrame> read_cancel(std::string_view body) {
  BodyReader reader(body);
  CancelFrame frame;
  std::uint8_t unless_begun = 0;
  reader.get(frame.call);
  reader.get(unless_begun);
  if (unless_begun > 1) return malformed();
  frame.unless_begun = unless_begun == 1;
  return whole(reader, frame);
}

Result<ReadyFrame> read_ready(std::string_view body) {
  BodyReader reader(body);
  ReadyFrame frame;
  std::uint32_t count = 0;
  reader.get(count);
  for (std::uint32_t i = 0; i < count && reader.good(); ++i) reader.get(frame.tasks.emplace_back());
  count = 0;
  reader.get(count);
  for (std::uint32_t i = 0; i < count && reader.good(); ++i) {
    auto& refusal = frame.refused.emplace_back();
    reader.get(refusal.plugin);
    reader.get(refusal.reason);
  }
  return whole(reader, std::move(frame));
}

Result<FinishedFrame> read_finished(std::string_view body) {
  BodyReader reader(body);
  FinishedFrame frame;
  std::uint8_t end = 0;
  std::uint8_t printed = 0;
  reader.get(frame.call);
  reader.get(end);
  reader.get(frame.text);
  reader.get(frame.retry_after_us);
  reader.get(frame.cpu_s);
  reader.get(frame.max_rss);
  reader.get(printed);
  if (end > static_cast<std::uint8_t>(CallEnd::unbegun) || printed > 1) return malformed();
  frame.printed = printed == 1;
  frame.end = static_cast<CallEnd>(end);
  return whole(reader, std::move(frame));
}

Result<ProgressFrame> read_progress(std::string_view body) {
  BodyReader reader(body);
  ProgressFrame frame;
  reader.get(frame.call);
  reader.get(frame.progress);
  return whole(reader, std::move(frame));
}

Result<LogFrame> read_log(std::string_view body) {
  BodyReader reader(body);
  LogFrame frame;
  reader.get(frame.call);
  reader.get(frame.level);
  reader.get(frame.text);
  return whole(reader, std::move(frame));
}

}  // namespace flowrra
