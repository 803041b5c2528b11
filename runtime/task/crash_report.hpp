#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

// What is kept of a crash: how the host died, where, and what it had printed last. Pure.
namespace flowrra {

inline constexpr std::size_t kMaxCrashReport = 16 * 1024;  // bytes of its stored form
inline constexpr std::size_t kMaxCrashFrames = 64;

// One function on the stack. Functions that the compiler has put into others are frames of their own.
struct CrashFrame {
  std::string module;        // the file's name; empty: the address is in no file
  std::uint64_t offset = 0;  // in the file's own addresses, as its symbol table has them; else the address itself
  std::string function;      // empty: no symbol is known
  std::string file;          // source; empty: no debug information
  int line = 0;
  bool inlined = false;
  bool plugin = false;  // the module is a plugin

  bool operator==(const CrashFrame&) const = default;
};

// A file that stands in the frames.
struct CrashModule {
  std::string name;
  std::string sha256;    // of plugins: of the whole file
  std::string build_id;  // of others, where they have one

  bool operator==(const CrashModule&) const = default;
};

struct CrashReport {
  int signal = 0;                        // that the process died by; 0: it exited
  std::optional<int> exit_code;          // … with this
  std::string reason;                    // "SEGV_MAPERR: the address is not mapped"; empty where nothing is known
  std::optional<std::uint64_t> address;  // of the access that failed
  int sender = 0;                        // the process that sent the signal; 0: none
  std::uint32_t sender_uid = 0;
  int thread = 0;
  std::string thread_name;
  std::string plugin;  // whose task it was
  std::string plugin_version;
  std::string plugin_sha256;
  std::vector<CrashFrame> frames;  // the innermost first
  std::vector<CrashModule> modules;
  std::string stack_note;           // why the stack is missing or ends early; empty: it is whole
  std::vector<std::string> output;  // the last lines

  bool operator==(const CrashReport&) const = default;
};

// The stored form: a JSON object as in docs/wire-format.md, at most kMaxCrashReport bytes. What does not fit is left
// out: output first, then the outermost frames.
std::string to_json(const CrashReport& report);

// Code::corrupt for what is no such object. Unknown keys and values of another type are passed over.
Result<CrashReport> crash_report_from_json(std::string_view text);

// "SIGSEGV"; "signal 77" where it has no name.
std::string signal_name(int signal);

// What a signal's si_code says: "SEGV_MAPERR: the address is not mapped"; empty where there is nothing to say.
std::string signal_reason(int signal, int code);

// For people, a line each, without control characters' escaping: what happened, the plugin, the stack (an arrow marks
// where plugin code begins), the last output.
std::vector<std::string> crash_lines(const CrashReport& report);

// Where plugin code was: "crunch(int) at media.cpp:17"; else what is not of the C library; else where the stack begins;
// empty where it is not known.
std::string crash_place(const CrashReport& report);

}  // namespace flowrra
