#include "store/redis/fields.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <concepts>
#include <functional>
#include <initializer_list>
#include <nlohmann/json.hpp>

#include "store/session_json.hpp"

namespace flowrra::redis {
namespace {

using nlohmann::json;

// The fields of a line, in order.
enum Field : std::size_t {
  kState,
  kAttempt,
  kCounter,
  kSession,
  kStarted,
  kNode,
  kLane,
  kPriority,
  kSeq,
  kTime,
  kExpires,
  kKind,
  kSubmitted,
  kBefore,
  kCrashes,
  kRefunds,
  kSuspect,
  kCpu,
  kRss,
  kToken,
  kTombstone
};
static_assert(kTombstone + 1 == kFields);
using Fields = std::array<std::string_view, kFields>;

constexpr double kMicrosOfSecond = 1e6;

// A line and what stands behind it.
struct Parts {
  std::string_view line, args, result;
};

Parts parts_of(std::string_view text) {
  const auto cut = [&text] {
    const auto end = text.find('\n');
    const std::string_view out = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return out;
  };
  Parts out;
  out.line = cut();
  out.args = cut();
  out.result = text;
  return out;
}

std::optional<Fields> split(std::string_view line) {
  Fields out;
  std::size_t field = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] != ' ') continue;
    if (field + 1 == kFields) return std::nullopt;
    out[field++] = line.substr(begin, i - begin);
    begin = i + 1;
  }
  if (field + 1 != kFields || begin == line.size()) return std::nullopt;
  out[field] = line.substr(begin);
  return out;
}

// False when the word is no number. '-' leaves the value as it is.
template <typename Number>
bool read(std::string_view word, Number& value) {
  if (word == "-") return true;
  const auto end = std::from_chars(word.data(), word.data() + word.size(), value);
  return end.ec == std::errc() && end.ptr == word.data() + word.size();
}

bool read(std::string_view word, std::optional<WallTime>& time) {
  std::int64_t micros = 0;
  if (!read(word, micros)) return false;
  if (word != "-") time = wall_from_micros(micros);
  return true;
}

bool read_state(const Fields& fields, Stored& out) {
  int state = -1;
  if (!read(fields[kState], state) || state < 0 || state >= std::ssize(kStates)) return false;
  out.task.state = kStates[static_cast<std::size_t>(state)];
  return true;
}

bool read_kind(std::string_view word, std::optional<Kind>& kind) {
  if (word == "1") kind = Kind::io;
  if (word == "2") kind = Kind::cpu;
  return word == "0" || kind;
}

bool read_lane(std::string_view lane, TaskRecord& out) {
  const auto colon = lane.find(':');
  if (colon == std::string_view::npos) return false;
  out.queue = lane.substr(0, colon);
  out.name = lane.substr(colon + 1);
  return true;
}

bool read_cost(const Fields& fields, TaskRecord& out) {
  if (fields[kCpu] == "-") return true;
  std::int64_t micros = 0;
  Resources cost;
  if (!read(fields[kCpu], micros) || !read(fields[kRss], cost.max_rss)) return false;
  cost.cpu_s = static_cast<double>(micros) / kMicrosOfSecond;
  out.resources = cost;
  return true;
}

bool read_line(const Fields& fields, Stored& out) {
  TaskRecord& task = out.task;
  std::int64_t submitted = 0;
  const std::initializer_list<bool> readable{// all that can be read is: a task that is damaged keeps it
                                             read_state(fields, out),
                                             read_lane(fields[kLane], task),
                                             read_kind(fields[kKind], task.kind),
                                             read_cost(fields, task),
                                             read(fields[kPriority], task.priority),
                                             read(fields[kSeq], out.seq),
                                             read(fields[kSubmitted], submitted),
                                             read(fields[kAttempt], task.attempt),
                                             read(fields[kBefore], task.attempts_before),
                                             read(fields[kCrashes], task.crashes),
                                             read(fields[kRefunds], out.refunds),
                                             read(fields[kCounter], out.counter),
                                             read(fields[kTime], is_final(task.state) ? task.finished_at : task.due_at),
                                             read(fields[kExpires], task.expires_at),
                                             read(fields[kStarted], task.started_at)};
  task.submitted_at = wall_from_micros(submitted);
  task.node = from_word(fields[kNode]);
  out.suspect = fields[kSuspect] == "1";
  if (fields[kSession] != "-") out.session = fields[kSession];
  out.token = fields[kToken];
  out.tombstone = fields[kTombstone] == "1";
  return std::ranges::all_of(readable, std::identity());
}

void read_extra(std::string_view text, Stored& out) {
  if (text.empty()) return;
  const json extra = json::parse(text, nullptr, false);
  if (!extra.is_object()) {
    out.damage = "extra";
    return;
  }
  if (const auto found = extra.find("options"); found != extra.end()) {
    auto options = options_from_json(found->dump());
    if (options) out.task.options = *options;
    if (!options) out.damage = "options";
  }
  if (const auto found = extra.find("tags"); found != extra.end()) {
    auto tags = list_from_json(found->dump());
    if (tags) out.task.tags = std::move(*tags);
    if (!tags) out.damage = "tags";
  }
}

std::optional<TaskError> read_error(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const json error = json::parse(text, nullptr, false);
  const auto of = [&error](const char* key) {
    const auto found = error.is_object() ? error.find(key) : error.end();
    return error.is_object() && found != error.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  if (!error.is_object()) return TaskError{"undecodable", "its stored error cannot be read", {}};
  return TaskError{of("code"), of("message"), of("crash")};
}

std::string dump(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

// Words with a space between.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out), begin_(out.size()) {}
  Writer& add(std::string_view word) {
    if (out_.size() > begin_) out_ += ' ';
    out_ += word;
    return *this;
  }
  Writer& add(std::integral auto number) {
    std::array<char, 24> digits;
    return add({digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr});
  }
  Writer& add(const std::optional<WallTime>& time) { return time ? add(to_micros(*time)) : add("-"); }
  Writer& add(const char* word) { return add(std::string_view(word)); }

 private:
  std::string& out_;
  std::size_t begin_;
};

std::string number(const std::optional<WallTime>& time) { return time ? std::to_string(to_micros(*time)) : "-"; }

bool plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

}  // namespace

std::string lane_of(const std::string& queue, const std::string& name) { return queue + ":" + name; }

std::string word(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  if (text.empty()) return "-";
  std::string out;
  for (const char c : text) {
    if (plain(c) && text != "-") {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kDigits[byte / 16];
      out += kDigits[byte % 16];
    }
  }
  return out;
}

std::string from_word(std::string_view word) {
  std::string out;
  if (word == "-") return out;
  for (std::size_t i = 0; i < word.size(); ++i) {
    unsigned byte = 0;
    const char* digits = word.data() + i + 1;
    if (word[i] == '%' && i + 2 < word.size() && std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
      out += static_cast<char>(byte);
      i += 2;
    } else {
      out += word[i];
    }
  }
  return out;
}

Stored read_stored(const TaskId& id, std::string_view line, const Texts& texts) {
  Stored out;
  const Parts parts = parts_of(line);
  out.task.args = parts.args;
  out.task.result = parts.result;
  const auto fields = split(parts.line);
  if (!fields || !read_line(*fields, out)) out.damage = "state";
  out.task.id = id;
  out.task.error = read_error(texts.error.text());
  out.task.progress = texts.progress.text();
  out.task.log = texts.log.text();
  if (out.damage.empty()) read_extra(texts.extra.text(), out);
  if (out.damage == "state") {
    out.task.state = State::failed;
    if (!out.task.error) out.task.error = TaskError{"undecodable", "its stored state cannot be read", {}};
  }
  return out;
}

Standing standing_of(const Stored& stored) {
  const TaskRecord& task = stored.task;
  Standing out;
  out.state = task.state;
  out.attempt = task.attempt;
  out.crashes = task.crashes;
  out.refunds = stored.refunds;
  out.suspect = stored.suspect;
  out.attempts_before = task.attempts_before;
  out.counter = stored.counter;
  out.due_at = task.due_at;
  out.started_at = task.started_at;
  out.finished_at = task.finished_at;
  out.expires_at = task.expires_at;
  return out;
}

void set_standing(Stored& stored, const Standing& standing) {
  TaskRecord& task = stored.task;
  task.state = standing.state;
  task.attempt = standing.attempt;
  task.crashes = standing.crashes;
  stored.refunds = standing.refunds;
  stored.suspect = standing.suspect;
  task.attempts_before = standing.attempts_before;
  stored.counter = standing.counter;
  task.due_at = standing.due_at;
  task.started_at = standing.started_at;
  task.finished_at = standing.finished_at;
  task.expires_at = standing.expires_at;
}

Line line_of(const Stored& stored) {
  const TaskRecord& task = stored.task;
  Line out;
  out.before = fmt::format("{} {} {} {} {} {} {}:{} {} {} ", static_cast<int>(task.state), task.attempt, stored.counter,
                           stored.session.empty() ? "-" : stored.session, number(task.started_at), word(task.node),
                           task.queue, task.name, task.priority, stored.seq);
  const std::string cost = task.resources ? fmt::format("{} {}", std::llround(task.resources->cpu_s * kMicrosOfSecond),
                                                        task.resources->max_rss)
                                          : "- -";
  out.after = fmt::format(" {} {} {} {} {} {} {} {} {} {}", number(task.expires_at),
                          task.kind ? static_cast<int>(*task.kind) : 0, to_micros(task.submitted_at),
                          task.attempts_before, task.crashes, stored.refunds, stored.suspect ? 1 : 0, cost,
                          stored.token.empty() ? "-" : stored.token, stored.tombstone ? 1 : 0);
  return out;
}

RunningLine::RunningLine(std::string_view line) {
  const Parts parts = parts_of(line);
  words_ = split(parts.line).value();
  args_ = parts.args;
}

std::string_view RunningLine::lane() const { return words_[kLane]; }

Standing RunningLine::standing() const {
  Standing out;
  out.state = State::running;
  read(words_[kAttempt], out.attempt);
  read(words_[kCounter], out.counter);
  read(words_[kStarted], out.started_at);
  read(words_[kExpires], out.expires_at);
  read(words_[kBefore], out.attempts_before);
  read(words_[kCrashes], out.crashes);
  read(words_[kRefunds], out.refunds);
  out.suspect = words_[kSuspect] == "1";
  return out;
}

std::string RunningLine::with(const Standing& standing, const std::optional<Resources>& resources,
                              bool tombstone) const {
  std::string out;
  out.reserve(192);
  Writer words(out);
  words.add(static_cast<int>(standing.state)).add(standing.attempt).add(standing.counter).add("-");
  words.add(standing.started_at).add(words_[kNode]).add(words_[kLane]).add(words_[kPriority]).add(words_[kSeq]);
  words.add(standing.finished_at).add(standing.expires_at).add(words_[kKind]).add(words_[kSubmitted]);
  words.add(standing.attempts_before).add(standing.crashes).add(standing.refunds).add(standing.suspect ? 1 : 0);
  if (resources) {
    words.add(std::llround(resources->cpu_s * kMicrosOfSecond)).add(resources->max_rss);
  } else {
    words.add("-").add("-");
  }
  words.add(words_[kToken]).add(tombstone ? 1 : 0);
  return out;
}

std::string finished_line(const TaskRecord& record) {
  const Line line = line_of({.task = record, .session = {}, .token = {}, .damage = {}});
  std::string out = line.before + number(record.finished_at.value_or(record.submitted_at)) + line.after;
  add_texts(out, on_one_line(record.args), record.result);
  return out;
}

void add_texts(std::string& line, std::string_view args, std::string_view result) {
  line.append("\n").append(args);
  if (!result.empty()) line.append("\n").append(result);
}

std::string on_one_line(std::string_view json) {
  std::string out(json);
  std::ranges::replace(out, '\n', ' ');
  return out;
}

std::string place_of(const Stored& stored) { return fmt::format("{:016}:{}", stored.seq, stored.task.id); }

std::string extra_text(const TaskOptions& options, const std::vector<std::string>& tags) {
  const std::string set = to_json(options);
  if (set.empty() && tags.empty()) return {};
  json out = json::object();
  if (!set.empty()) out["options"] = json::parse(set, nullptr, false);
  if (!tags.empty()) out["tags"] = tags;
  return dump(out);
}

std::string error_text(const std::optional<TaskError>& error) {
  if (!error) return {};
  json out{{"code", error->code}, {"message", error->message}};
  if (!error->crash.empty()) out["crash"] = error->crash;
  return dump(out);
}

}  // namespace flowrra::redis
