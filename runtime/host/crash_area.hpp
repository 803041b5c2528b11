#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.hpp"
#include "base/result.hpp"

// The file in memory (memfd) in which a host leaves what is needed to tell how it died. The node makes one for each
// host and reads it afterwards; nobody maps it, so a plugin's stray write does not reach it. Layout, from its
// beginning:
//   CrashHeader · the plugins, one a line · the stack, from the stack pointer upward · /proc/self/maps
namespace flowrra {

inline constexpr std::uint32_t kCrashMagic = 0x48435246;  // "FRCH"
inline constexpr std::uint32_t kCrashVersion = 1;
inline constexpr std::uint64_t kCrashPluginsAt = 4096;
inline constexpr std::uint64_t kCrashPluginsMost = 1020 * 1024;
inline constexpr std::uint64_t kCrashStackAt = kCrashPluginsAt + kCrashPluginsMost;
inline constexpr std::uint64_t kCrashStackMost = 512 * 1024;
inline constexpr std::uint64_t kCrashMapsAt = kCrashStackAt + kCrashStackMost;
inline constexpr std::uint64_t kCrashMapsMost = 1024 * 1024;

enum class CrashCause : std::uint32_t { none = 0, signal = 1, exit = 2 };

// How far the writing came before the process ended.
enum class CrashStage : std::uint32_t { nothing = 0, header = 1, stack = 2, complete = 3 };

// Numbers of registers are DWARF's (x86-64: the 16 general ones; AArch64: x0-x30, sp).
struct CrashHeader {
  std::uint32_t magic = kCrashMagic;
  std::uint32_t version = kCrashVersion;
  CrashCause cause = CrashCause::none;
  CrashStage stage = CrashStage::nothing;
  std::int32_t signal = 0;
  std::int32_t code = 0;    // si_code
  std::int32_t status = 0;  // of an exit
  std::int32_t sender = 0;  // the process that sent the signal; 0: nobody
  std::uint32_t sender_uid = 0;
  std::int32_t thread = 0;
  std::array<char, 16> thread_name{};
  std::uint64_t address = 0;  // what was accessed, or where an instruction failed
  std::uint64_t pc = 0;
  std::uint64_t sp = 0;
  std::uint32_t register_count = 0;
  std::uint32_t has_address = 0;
  std::array<std::uint64_t, 33> registers{};
  std::uint64_t stack_address = 0;
  std::uint64_t stack_size = 0;
  std::uint64_t maps_size = 0;
  std::int64_t loaded_at = 0;  // wall clock in seconds, before the plugins were loaded; a file changed later is another
};
static_assert(sizeof(CrashHeader) <= kCrashPluginsAt);

// A plugin of the host, as the file was when it was loaded.
struct CrashPlugin {
  std::string file;  // without symbolic links, as in /proc/self/maps
  std::string name;
  std::string version;
  std::vector<std::string> tasks;

  bool operator==(const CrashPlugin&) const = default;
};

// The plugin that has the task, or null.
const CrashPlugin* plugin_of(const std::vector<CrashPlugin>& plugins, const std::string& task);

// Owns the descriptor of an area. CLOEXEC.
class CrashArea {
 public:
  // A new one, empty. [any thread]
  static Result<CrashArea> create();
  explicit CrashArea(UniqueFd fd) : fd_(std::move(fd)) {}

  [[nodiscard]] int fd() const { return fd_.get(); }
  // Another descriptor of the same area; none when there are no descriptors left.
  [[nodiscard]] UniqueFd duplicate() const;

  // The header, when a process has left one and it makes sense.
  [[nodiscard]] std::optional<CrashHeader> header() const;
  [[nodiscard]] std::vector<CrashPlugin> plugins() const;
  // What was saved of the stack and of the maps; empty where the writing did not come so far.
  [[nodiscard]] std::string stack(const CrashHeader& header) const;
  [[nodiscard]] std::string maps(const CrashHeader& header) const;

 private:
  [[nodiscard]] std::string read(std::uint64_t at, std::uint64_t size) const;

  UniqueFd fd_;
};

// Leaves the host's plugins in the area behind the descriptor; what does not fit is left out. [host's main thread]
void write_crash_plugins(int fd, const std::vector<CrashPlugin>& plugins);

}  // namespace flowrra
