#include "task/log_lines.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace flowrra {
namespace {

using nlohmann::json;

constexpr std::string_view kDropped = R"({"dropped":)";

std::string dropped_line(std::uint64_t count) { return std::string(kDropped) + std::to_string(count) + "}\n"; }

// The count of a first line {"dropped":n}, which is cut off; 0 when there is none.
std::uint64_t cut_dropped(std::string_view& text) {
  if (!text.starts_with(kDropped)) return 0;
  std::uint64_t count = 0;
  for (const char c : text.substr(kDropped.size())) {
    if (c < '0' || c > '9') break;
    count = count * 10 + static_cast<std::uint64_t>(c - '0');
  }
  text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  return count;
}

}  // namespace

std::string to_json_line(const LogLine& line) {
  const json object{{"at", to_micros(line.at)},
                    {"attempt", line.attempt},
                    {"level", line.level},
                    {"message", line.message.substr(0, kMaxLogMessage)}};
  return object.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

TaskLog parse_log(std::string_view text) {
  TaskLog out;
  out.dropped = cut_dropped(text);
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const json object = json::parse(text.substr(0, end), nullptr, false);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!object.is_object()) continue;
    LogLine line;
    if (const auto at = object.find("at"); at != object.end() && at->is_number_integer()) {
      line.at = wall_from_micros(at->get<std::int64_t>());
    }
    if (const auto attempt = object.find("attempt"); attempt != object.end() && attempt->is_number_integer()) {
      line.attempt = attempt->get<int>();
    }
    for (const auto& [key, into] : {std::pair("level", &line.level), std::pair("message", &line.message)}) {
      if (const auto found = object.find(key); found != object.end() && found->is_string()) {
        *into = found->get<std::string>();
      }
    }
    out.lines.push_back(std::move(line));
  }
  return out;
}

std::string appended_log(std::string_view log, std::string_view more) {
  std::uint64_t dropped = cut_dropped(log) + cut_dropped(more);
  std::string out(log);
  out += more;
  if (out.size() > kMaxLog) {
    const auto cut = std::min(out.find('\n', out.size() - kMaxLog - 1), out.size() - 1) + 1;
    dropped +=
        static_cast<std::uint64_t>(std::count(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(cut), '\n'));
    out.erase(0, cut);
  }
  if (dropped > 0) out.insert(0, dropped_line(dropped));
  return out;
}

void LogTail::add(std::string json_line) {
  size_ += json_line.size();
  lines_.push_back(std::move(json_line));
  while (size_ > kMaxLog) {
    size_ -= lines_.front().size();
    lines_.pop_front();
    ++dropped_;
  }
}

std::string LogTail::take() {
  std::string out = dropped_ > 0 ? dropped_line(dropped_) : std::string();
  out.reserve(out.size() + size_);
  for (const std::string& line : lines_) out += line;
  lines_.clear();
  size_ = 0;
  dropped_ = 0;
  return out;
}

}  // namespace flowrra
