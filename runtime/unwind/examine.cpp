#include "unwind/examine.hpp"

#include <fcntl.h>

#include <algorithm>

#include "base/sha256.hpp"
#include "unwind/names.hpp"
#include "unwind/walk.hpp"

namespace flowrra {
namespace {

std::string digest_of(const std::string& file) {
  const UniqueFd opened(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  auto digest = opened ? sha256_of_file(opened.get()) : Result<std::string>(Error{});
  return digest ? *std::move(digest) : std::string();
}

void add_module(CrashReport& report, const Dump& dump, const Module& module) {
  const std::string name = file_name(module.file);
  if (std::ranges::find(report.modules, name, &CrashModule::name) != report.modules.end()) return;
  if (dump.is_plugin(module.file)) {
    report.modules.push_back({name, digest_of(module.file), {}});
  } else {
    report.modules.push_back({name, {}, build_id(module)});
  }
}

// The handlers of the host itself: what lies before the C library's exit().
std::size_t handler_frames(const Dump& dump, const Modules& modules, const std::vector<std::uint64_t>& addresses) {
  if (dump.header.cause != CrashCause::exit || addresses.empty()) return 0;
  const auto own = modules.at(addresses.front());
  const auto foreign = std::ranges::find_if(addresses, [&](std::uint64_t address) {
    const auto module = modules.at(address);
    return !module || !own || module->file != own->file;
  });
  return foreign == addresses.end() ? 0 : static_cast<std::size_t>(foreign - addresses.begin());
}

void add_stack(CrashReport& report, const Dump& dump) {
  const Modules modules(dump);
  const Walk walk = walk_stack(dump, modules, kMaxCrashFrames);
  report.stack_note = walk.note;
  for (std::size_t i = handler_frames(dump, modules, walk.addresses); i < walk.addresses.size(); ++i) {
    const std::uint64_t address = walk.addresses[i];
    for (CrashFrame& frame : functions_at(dump, modules, address)) report.frames.push_back(std::move(frame));
    if (const auto module = modules.at(address)) add_module(report, dump, *module);
  }
  if (report.frames.size() <= kMaxCrashFrames) return;
  report.frames.resize(kMaxCrashFrames);
  report.stack_note = "the innermost " + std::to_string(kMaxCrashFrames) + " frames of more";
}

}  // namespace

CrashReport examine_crash(const CrashArea& area, const std::string& task) {
  CrashReport report;
  const auto dump = read_dump(area);
  if (dump) {
    report = crash_facts(dump->header);
    add_stack(report, *dump);
  }
  const auto plugins = area.plugins();
  if (const CrashPlugin* plugin = plugin_of(plugins, task)) {
    report.plugin = plugin->name;
    report.plugin_version = plugin->version;
    report.plugin_sha256 = digest_of(plugin->file);
  }
  return report;
}

}  // namespace flowrra
