// How a crash report reads for people.
#include <signal.h>
#include <string.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "task/crash_report.hpp"

namespace flowrra {
namespace {

struct Reason {
  int signal;
  int code;
  const char* text;
};

constexpr std::array kReasons{
    Reason{SIGSEGV, SEGV_MAPERR, "SEGV_MAPERR: the address is not mapped"},
    Reason{SIGSEGV, SEGV_ACCERR, "SEGV_ACCERR: the memory may not be used so"},
    Reason{SIGSEGV, SI_KERNEL, "SI_KERNEL: the address is none at all"},
    Reason{SIGBUS, BUS_ADRALN, "BUS_ADRALN: the address is not aligned"},
    Reason{SIGBUS, BUS_ADRERR, "BUS_ADRERR: there is nothing behind the mapping: a file was cut, or memory is out"},
    Reason{SIGBUS, BUS_OBJERR, "BUS_OBJERR: a hardware error"},
    Reason{SIGFPE, FPE_INTDIV, "FPE_INTDIV: an integer was divided by zero"},
    Reason{SIGFPE, FPE_INTOVF, "FPE_INTOVF: an integer overflowed"},
    Reason{SIGFPE, FPE_FLTDIV, "FPE_FLTDIV: a number was divided by zero"},
    Reason{SIGFPE, FPE_FLTOVF, "FPE_FLTOVF: a number overflowed"},
    Reason{SIGFPE, FPE_FLTUND, "FPE_FLTUND: a number underflowed"},
    Reason{SIGFPE, FPE_FLTRES, "FPE_FLTRES: a result is not exact"},
    Reason{SIGFPE, FPE_FLTINV, "FPE_FLTINV: an operation is not defined"},
    Reason{SIGILL, ILL_ILLOPC, "ILL_ILLOPC: an unknown instruction"},
    Reason{SIGILL, ILL_ILLOPN, "ILL_ILLOPN: an unknown instruction"},
    Reason{SIGTRAP, SI_KERNEL, "a breakpoint"},
    Reason{SIGTRAP, TRAP_BRKPT, "a breakpoint"},
    Reason{SIGXCPU, SI_KERNEL, "its cpu time was used up"},
    Reason{SIGXFSZ, SI_KERNEL, "a file became larger than its limit"},
    Reason{SIGILL, ILL_PRVOPC, "ILL_PRVOPC: a privileged instruction"},
};

constexpr std::size_t kLongestLine = 300;
constexpr std::size_t kLongestName = 120;

std::string shortened(const std::string& text, std::size_t longest) {
  if (text.size() <= longest) return text;
  while (longest > 0 && (static_cast<unsigned char>(text[longest]) & 0xC0U) == 0x80U) --longest;
  return text.substr(0, longest) + "…";
}

std::string hex(std::uint64_t value) {
  std::array<char, 20> text{};
  std::snprintf(text.data(), text.size(), "%#llx", static_cast<unsigned long long>(value));
  return value == 0 ? "0x0" : text.data();
}

std::string source(const CrashFrame& frame) {
  if (frame.file.empty()) return {};
  return frame.line > 0 ? frame.file + ":" + std::to_string(frame.line) : frame.file;
}

std::string cause(const CrashReport& report) {
  std::string out =
      report.signal > 0 ? signal_name(report.signal) + " (" + std::to_string(report.signal) + ")" : "exit";
  if (report.exit_code) out += " with code " + std::to_string(*report.exit_code);
  if (!report.reason.empty()) out += ", " + report.reason;
  if (report.address) out += ", at address " + hex(*report.address);
  if (report.sender > 0) {
    out += ", sent by process " + std::to_string(report.sender) + " of user " + std::to_string(report.sender_uid);
  }
  return out;
}

std::string plugin(const CrashReport& report) {
  std::string out = "plugin " + report.plugin;
  if (!report.plugin_version.empty()) out += " " + report.plugin_version;
  if (!report.plugin_sha256.empty()) out += ", sha256:" + report.plugin_sha256;
  return out;
}

std::string text_of(const CrashFrame& frame, std::size_t number, bool first_of_plugin) {
  std::array<char, 16> head{};
  std::snprintf(head.data(), head.size(), "%s#%-3zu", first_of_plugin ? "> " : "  ", number);
  std::string out = head.data();
  out += frame.function.empty() ? "?" : shortened(frame.function, kLongestName);
  if (frame.inlined) out += " (inlined)";
  if (const std::string where = source(frame); !where.empty()) out += " at " + where;
  return out + " in " + (frame.module.empty() ? "no file" : frame.module) + " + " + hex(frame.offset);
}

// A function that calls itself over and over fills the report, but not the screen.
void add_frames(const std::vector<CrashFrame>& frames, std::vector<std::string>& out) {
  const auto first = std::ranges::find_if(frames, &CrashFrame::plugin);
  for (auto frame = frames.begin(); frame != frames.end(); ++frame) {
    const auto number = static_cast<std::size_t>(frame - frames.begin());
    out.push_back(text_of(*frame, number, frame == first));
    const auto end = std::find_if(frame + 1, frames.end(), [&](const CrashFrame& next) { return next != *frame; });
    const auto same = end - frame - 1;
    if (same < 2) continue;
    out.push_back("        … " + std::to_string(same) + " times more");
    frame = end - 1;
  }
}

// In a program that is its own host, what is not of the system is the program's.
bool is_of_the_system(const CrashFrame& frame) {
  constexpr std::array kLibraries{"libc.", "libstdc++.", "libgcc_s.", "libm.", "ld-linux"};
  return frame.module.empty() ||
         std::ranges::any_of(kLibraries, [&](const char* name) { return frame.module.starts_with(name); });
}

}  // namespace

std::string signal_name(int signal) {
  const char* abbreviation = sigabbrev_np(signal);
  return abbreviation != nullptr ? std::string("SIG") + abbreviation : "signal " + std::to_string(signal);
}

std::string signal_reason(int signal, int code) {
  const auto* const found = std::ranges::find_if(
      kReasons, [&](const Reason& reason) { return reason.signal == signal && reason.code == code; });
  if (found != kReasons.end()) return found->text;
  if (code == SI_TKILL) return "SI_TKILL: raised by a thread";
  if (code == SI_USER || code == SI_QUEUE) return "SI_USER: sent by a process";
  return {};
}

std::vector<std::string> crash_lines(const CrashReport& report) {
  std::vector<std::string> out{cause(report)};
  if (report.thread > 0) out.push_back("thread " + std::to_string(report.thread) + " " + report.thread_name);
  if (!report.plugin.empty()) out.push_back(plugin(report));
  add_frames(report.frames, out);
  if (!report.stack_note.empty()) out.push_back("stack: " + report.stack_note);
  for (const std::string& line : report.output) out.push_back("output: " + shortened(line, kLongestLine));
  return out;
}

std::string crash_place(const CrashReport& report) {
  auto frame = std::ranges::find_if(report.frames, &CrashFrame::plugin);
  if (frame == report.frames.end()) frame = std::ranges::find_if_not(report.frames, is_of_the_system);
  if (frame == report.frames.end()) frame = report.frames.begin();
  if (frame == report.frames.end()) return {};
  std::string out = shortened(frame->function, kLongestName);
  if (out.empty() && frame->module.empty()) return {};
  if (out.empty()) out = frame->module + " + " + hex(frame->offset);
  if (const std::string where = source(*frame); !where.empty()) out += " at " + where;
  return shortened(out, kLongestLine);
}

}  // namespace flowrra
