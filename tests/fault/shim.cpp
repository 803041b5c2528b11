#include "fault/shim.hpp"

#include <fcntl.h>
#include <sys/mman.h>

#include <atomic>
#include <stdexcept>

#include "support/build_tree.hpp"

namespace flowrra::test {

Command with_shim(Command command, const std::vector<std::pair<std::string, std::string>>& faults) {
  command.line.front() = from_environment("FLOWRRA_TEST_SHARED") + "/flowrra";
  command.environment.push_back("FLOWRRA_PLUGINS_HOST=" + program("flowrra-host"));
  command.environment.push_back("LD_PRELOAD=" + fixture("fault_shim.so"));
  command.environment.emplace_back("FLOWRRA_FAULT_PATH=/store/");
  // AddressSanitizer wants to be the first library; behind this one it works as well.
  command.environment.emplace_back("ASAN_OPTIONS=verify_asan_link_order=0:detect_stack_use_after_return=0");
  for (const auto& [name, value] : faults) command.environment.push_back("FLOWRRA_FAULT_" + name + "=" + value);
  return command;
}

WallClock::WallClock(const std::string& file) : file_(file) {
  const UniqueFd fd(open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd || ftruncate(fd.get(), sizeof *offset_) != 0) throw std::runtime_error("cannot make " + file);
  void* memory = mmap(nullptr, sizeof *offset_, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  if (memory == MAP_FAILED) throw std::runtime_error("cannot map " + file);
  offset_ = static_cast<std::int64_t*>(memory);
}

WallClock::~WallClock() { munmap(offset_, sizeof *offset_); }

void WallClock::set_off_by(std::chrono::seconds offset) {
  std::atomic_ref(*offset_).store(std::chrono::microseconds(offset).count());
}

}  // namespace flowrra::test
