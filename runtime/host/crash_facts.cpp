#include "host/crash_facts.hpp"

#include <algorithm>
#include <charconv>

namespace flowrra {
namespace {

constexpr std::string_view kDeleted = " (deleted)";

// Takes a number and the separator behind it off the front; false when there is none.
bool take_hex(std::string_view& text, char separator, std::uint64_t& into) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into, 16);
  const auto length = static_cast<std::size_t>(end - text.data());
  if (error != std::errc() || length == text.size() || *end != separator) return false;
  text.remove_prefix(length + 1);
  return true;
}

bool parse_line(std::string_view line, Mapping& into) {
  if (!take_hex(line, '-', into.begin) || !take_hex(line, ' ', into.end) || line.size() < 5) return false;
  into.executable = line[2] == 'x';
  line.remove_prefix(5);
  if (!take_hex(line, ' ', into.offset)) return false;
  if (const std::size_t path = line.find('/'); path != std::string_view::npos && !line.ends_with(kDeleted)) {
    into.file = line.substr(path);
  }
  return into.begin < into.end;
}

}  // namespace

std::vector<Mapping> parse_maps(std::string_view text) {
  std::vector<Mapping> out;
  for (std::size_t end = 0; (end = text.find('\n')) != std::string_view::npos; text.remove_prefix(end + 1)) {
    Mapping mapping;
    if (parse_line(text.substr(0, end), mapping)) out.push_back(std::move(mapping));
  }
  return out;
}

const Mapping* mapping_at(const std::vector<Mapping>& mappings, std::uint64_t address) {
  const auto found = std::ranges::find_if(
      mappings, [&](const Mapping& mapping) { return mapping.begin <= address && address < mapping.end; });
  return found == mappings.end() ? nullptr : &*found;
}

std::string file_name(const std::string& path) {
  constexpr std::size_t kDigest = 64;
  std::string name = path.substr(path.rfind('/') + 1);
  const std::size_t dash = name.rfind('-');
  if (dash == std::string::npos || name.find_first_not_of("0123456789abcdef", dash + 1) != dash + 1 + kDigest) {
    return name;
  }
  return name.erase(dash, kDigest + 1);
}

CrashFrame raw_frame(const std::vector<Mapping>& mappings, const std::vector<CrashPlugin>& plugins,
                     std::uint64_t address) {
  CrashFrame frame;
  frame.offset = address;
  const Mapping* mapping = mapping_at(mappings, address);
  if (mapping == nullptr || mapping->file.empty()) return frame;
  frame.module = file_name(mapping->file);
  frame.offset = address - mapping->begin + mapping->offset;
  frame.plugin = std::ranges::find(plugins, mapping->file, &CrashPlugin::file) != plugins.end();
  return frame;
}

CrashReport crash_facts(const CrashHeader& header) {
  CrashReport report;
  report.thread = header.thread;
  report.thread_name = header.thread_name.data();
  if (header.cause == CrashCause::exit) {
    report.exit_code = header.status;
    return report;
  }
  report.signal = header.signal;
  report.reason = signal_reason(header.signal, header.code);
  report.sender = header.sender;
  report.sender_uid = header.sender_uid;
  if (header.has_address != 0) report.address = header.address;
  return report;
}

}  // namespace flowrra
