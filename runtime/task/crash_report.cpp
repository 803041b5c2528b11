#include "task/crash_report.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

namespace flowrra {
namespace {

using Json = nlohmann::ordered_json;

std::string hex(std::uint64_t value) {
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, 16).ptr;
  return "0x" + std::string(digits.data(), end);
}

std::uint64_t from_hex(const std::string& text) {
  std::uint64_t value = 0;
  if (text.starts_with("0x")) std::from_chars(text.data() + 2, text.data() + text.size(), value, 16);
  return value;
}

void put(Json& out, const char* key, const std::string& value) {
  if (!value.empty()) out[key] = value;
}

Json frame_json(const CrashFrame& frame) {
  Json out;
  put(out, "module", frame.module);
  out["offset"] = hex(frame.offset);
  put(out, "function", frame.function);
  put(out, "file", frame.file);
  if (frame.line > 0) out["line"] = frame.line;
  if (frame.inlined) out["inlined"] = true;
  if (frame.plugin) out["plugin"] = true;
  return out;
}

Json cause_json(const CrashReport& report) {
  Json out;
  if (report.signal > 0) {
    out["signal"] = signal_name(report.signal);
    out["signal_number"] = report.signal;
  }
  if (report.exit_code) out["exit_code"] = *report.exit_code;
  put(out, "reason", report.reason);
  if (report.address) out["address"] = hex(*report.address);
  if (report.sender > 0) out["sender"] = {{"pid", report.sender}, {"uid", report.sender_uid}};
  if (report.thread > 0) out["thread"] = {{"id", report.thread}, {"name", report.thread_name}};
  if (!report.plugin.empty()) {
    Json& plugin = out["plugin"];
    plugin["name"] = report.plugin;
    put(plugin, "version", report.plugin_version);
    put(plugin, "sha256", report.plugin_sha256);
  }
  return out;
}

std::string dump(const CrashReport& report, std::size_t frames, std::size_t lines) {
  Json out = cause_json(report);
  for (std::size_t i = 0; i < frames; ++i) out["frames"].push_back(frame_json(report.frames[i]));
  for (const CrashModule& module : report.modules) {
    const auto named = [&](const CrashFrame& frame) { return frame.module == module.name; };
    if (!std::any_of(report.frames.begin(), report.frames.begin() + static_cast<std::ptrdiff_t>(frames), named)) {
      continue;
    }
    Json& entry = out["modules"].emplace_back();
    entry["name"] = module.name;
    put(entry, "sha256", module.sha256);
    put(entry, "build_id", module.build_id);
  }
  if (frames < report.frames.size()) {
    out["stack_note"] =
        "the report keeps " + std::to_string(frames) + " frames of " + std::to_string(report.frames.size());
  } else {
    put(out, "stack_note", report.stack_note);
  }
  for (std::size_t i = report.output.size() - lines; i < report.output.size(); ++i) {
    out["output"].push_back(report.output[i]);
  }
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string text_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

template <typename Number>
Number number_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_integer() ? found->get<Number>() : Number{};
}

bool flag_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

const Json& part(const Json& object, const char* key) {
  static const Json nothing = Json::object();
  const auto found = object.find(key);
  return found != object.end() && (found->is_object() || found->is_array()) ? *found : nothing;
}

CrashFrame frame_from(const Json& object) {
  CrashFrame frame;
  frame.module = text_at(object, "module");
  frame.offset = from_hex(text_at(object, "offset"));
  frame.function = text_at(object, "function");
  frame.file = text_at(object, "file");
  frame.line = number_at<int>(object, "line");
  frame.inlined = flag_at(object, "inlined");
  frame.plugin = flag_at(object, "plugin");
  return frame;
}

}  // namespace

std::string to_json(const CrashReport& report) {
  std::size_t lines = report.output.size();
  std::size_t frames = std::min(report.frames.size(), kMaxCrashFrames);
  std::string out = dump(report, frames, lines);
  while (out.size() > kMaxCrashReport && (lines > 0 || frames > 0)) {
    (lines > 0 ? lines : frames) /= 2;
    out = dump(report, frames, lines);
  }
  return out;
}

Result<CrashReport> crash_report_from_json(std::string_view text) {
  const Json object = Json::parse(text, nullptr, false);
  if (!object.is_object()) return Error{Code::corrupt, "no crash report", {}};
  CrashReport out;
  out.signal = number_at<int>(object, "signal_number");
  if (object.contains("exit_code")) out.exit_code = number_at<int>(object, "exit_code");
  out.reason = text_at(object, "reason");
  if (object.contains("address")) out.address = from_hex(text_at(object, "address"));
  const Json& sender = part(object, "sender");
  out.sender = number_at<int>(sender, "pid");
  out.sender_uid = number_at<std::uint32_t>(sender, "uid");
  const Json& thread = part(object, "thread");
  out.thread = number_at<int>(thread, "id");
  out.thread_name = text_at(thread, "name");
  const Json& plugin = part(object, "plugin");
  out.plugin = text_at(plugin, "name");
  out.plugin_version = text_at(plugin, "version");
  out.plugin_sha256 = text_at(plugin, "sha256");
  for (const Json& frame : part(object, "frames")) {
    if (frame.is_object()) out.frames.push_back(frame_from(frame));
  }
  for (const Json& module : part(object, "modules")) {
    if (!module.is_object()) continue;
    out.modules.push_back({text_at(module, "name"), text_at(module, "sha256"), text_at(module, "build_id")});
  }
  out.stack_note = text_at(object, "stack_note");
  for (const Json& line : part(object, "output")) {
    if (line.is_string()) out.output.push_back(line.get<std::string>());
  }
  return out;
}

}  // namespace flowrra
