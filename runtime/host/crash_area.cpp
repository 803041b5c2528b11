#include "host/crash_area.hpp"

#include <fcntl.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>

namespace flowrra {
namespace {

std::string one_line(std::string text) {
  std::ranges::replace_if(
      text, [](char c) { return c == '\t' || c == '\n'; }, ' ');
  return text;
}

std::vector<std::string> split(std::string_view line) {
  std::vector<std::string> out;
  while (true) {
    const std::size_t end = std::min(line.find('\t'), line.size());
    out.emplace_back(line.substr(0, end));
    if (end == line.size()) return out;
    line.remove_prefix(end + 1);
  }
}

}  // namespace

Result<CrashArea> CrashArea::create() {
  UniqueFd fd(memfd_create("flowrra-crash", MFD_CLOEXEC));
  if (!fd) return Error{Code::internal, "memfd for crash reports: " + errno_text(errno), {}};
  return CrashArea(std::move(fd));
}

UniqueFd CrashArea::duplicate() const { return UniqueFd(fcntl(fd_.get(), F_DUPFD_CLOEXEC, 3)); }

std::optional<CrashHeader> CrashArea::header() const {
  CrashHeader header;
  if (pread(fd_.get(), &header, sizeof header, 0) != static_cast<ssize_t>(sizeof header)) return std::nullopt;
  const bool known = header.cause == CrashCause::signal || header.cause == CrashCause::exit;
  if (header.magic != kCrashMagic || header.version != kCrashVersion || !known) return std::nullopt;
  if (header.stage < CrashStage::header || header.stage > CrashStage::complete) return std::nullopt;
  header.thread_name.back() = '\0';
  header.register_count = std::min<std::uint32_t>(header.register_count, header.registers.size());
  return header;
}

std::string CrashArea::read(std::uint64_t at, std::uint64_t size) const {
  std::string out(size, '\0');
  std::size_t got = 0;
  while (got < size) {
    const ssize_t part = pread(fd_.get(), out.data() + got, size - got, static_cast<off_t>(at + got));
    if (part < 0 && errno == EINTR) continue;
    if (part <= 0) break;
    got += static_cast<std::size_t>(part);
  }
  out.resize(got);
  return out;
}

std::string CrashArea::stack(const CrashHeader& header) const {
  return read(kCrashStackAt, header.stage < CrashStage::stack ? 0 : std::min(header.stack_size, kCrashStackMost));
}

std::string CrashArea::maps(const CrashHeader& header) const {
  return read(kCrashMapsAt, header.stage < CrashStage::complete ? 0 : std::min(header.maps_size, kCrashMapsMost));
}

std::vector<CrashPlugin> CrashArea::plugins() const {
  std::string text = read(kCrashPluginsAt, kCrashPluginsMost);
  text.resize(std::min(text.find('\0'), text.size()));
  std::vector<CrashPlugin> out;
  for (std::size_t begin = 0, end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    std::vector<std::string> fields = split(std::string_view(text).substr(begin, end - begin));
    if (fields.size() < 3) continue;
    out.push_back({std::move(fields[0]), std::move(fields[1]), std::move(fields[2]), {}});
    out.back().tasks.assign(fields.begin() + 3, fields.end());
  }
  return out;
}

const CrashPlugin* plugin_of(const std::vector<CrashPlugin>& plugins, const std::string& task) {
  for (const CrashPlugin& plugin : plugins) {
    if (std::ranges::find(plugin.tasks, task) != plugin.tasks.end()) return &plugin;
  }
  return nullptr;
}

void write_crash_plugins(int fd, const std::vector<CrashPlugin>& plugins) {
  std::string text;
  for (const CrashPlugin& plugin : plugins) {
    std::string line = one_line(plugin.file) + '\t' + one_line(plugin.name) + '\t' + one_line(plugin.version);
    for (const std::string& task : plugin.tasks) line += '\t' + task;
    line += '\n';
    if (text.size() + line.size() < kCrashPluginsMost) text += line;
  }
  [[maybe_unused]] const ssize_t written = pwrite(fd, text.data(), text.size(), static_cast<off_t>(kCrashPluginsAt));
}

}  // namespace flowrra
