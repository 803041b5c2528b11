#include "unwind/walk.hpp"

#include <algorithm>

namespace flowrra {
namespace {

struct State {
  const Dump& dump;
  std::uint64_t pc;
  std::vector<std::uint64_t> registers;
  std::size_t most;
  Walk& walk;
  bool full = false;
};

pid_t next_thread(Dwfl*, void* given, void** thread) {
  const bool first = *thread == nullptr;
  *thread = given;
  return first ? std::max(1, static_cast<State*>(given)->dump.header.thread) : 0;
}

bool read_memory(Dwfl*, Dwarf_Addr address, Dwarf_Word* into, void* given) {
  const auto word = static_cast<State*>(given)->dump.word(address);
  if (word) *into = *word;
  return word.has_value();
}

bool set_registers(Dwfl_Thread* thread, void* given) {
  const State& state = *static_cast<State*>(given);
  const std::vector<Dwarf_Word> words(state.registers.begin(), state.registers.end());
  if (!dwfl_thread_state_registers(thread, 0, static_cast<unsigned>(words.size()), words.data())) return false;
#if defined(__x86_64__)
  const Dwarf_Word pc = state.pc;
  if (!dwfl_thread_state_registers(thread, 16, 1, &pc)) return false;
#endif
  dwfl_thread_state_register_pc(thread, state.pc);
  return true;
}

int on_frame(Dwfl_Frame* frame, void* given) {
  State& state = *static_cast<State*>(given);
  Dwarf_Addr pc = 0;
  bool exact = false;
  if (!dwfl_frame_pc(frame, &pc, &exact)) return DWARF_CB_ABORT;
  if (state.walk.addresses.size() >= state.most) {
    state.full = true;
    return DWARF_CB_ABORT;
  }
  // A return address stands behind the call, which may be the last instruction of its function.
  state.walk.addresses.push_back(exact ? pc : pc - 1);
  return DWARF_CB_OK;
}

const Dwfl_Thread_Callbacks kCallbacks{
    .next_thread = next_thread,
    .get_thread = nullptr,
    .memory_read = read_memory,
    .set_initial_registers = set_registers,
    .detach = nullptr,
    .thread_detach = nullptr,
};

// After a call through a bad pointer the program counter is in no code: the frame is then that of the caller.
void step_out_of_nowhere(State& state) {
  const Mapping* mapping = mapping_at(state.dump.mappings, state.pc);
  if (mapping != nullptr && mapping->executable) return;
  state.walk.addresses.push_back(state.pc);
#if defined(__x86_64__)
  constexpr std::size_t kStackPointer = 7;
  if (state.registers.size() <= kStackPointer) return;
  const auto caller = state.dump.word(state.registers[kStackPointer]);
  if (!caller) return;
  state.registers[kStackPointer] += 8;
  state.pc = *caller - 1;
#elif defined(__aarch64__)
  constexpr std::size_t kLink = 30;
  if (state.registers.size() > kLink) state.pc = state.registers[kLink] - 1;
#endif
}

}  // namespace

Walk walk_stack(const Dump& dump, const Modules& modules, std::size_t most) {
  Walk walk;
  const CrashHeader& header = dump.header;
  State state{dump, header.pc, {}, most, walk};
  state.registers.assign(header.registers.begin(), header.registers.begin() + header.register_count);
  if (header.stage != CrashStage::complete || state.registers.empty()) {
    if (header.pc != 0) walk.addresses.push_back(header.pc);
    walk.note = "the host died before its record was whole";
    return walk;
  }
  step_out_of_nowhere(state);
  const std::size_t known = walk.addresses.size();
  const bool attached = modules.dwfl() != nullptr &&
                        dwfl_attach_state(modules.dwfl(), nullptr, std::max(1, header.thread), &kCallbacks, &state);
  const int ended = attached ? dwfl_getthread_frames(modules.dwfl(), std::max(1, header.thread), on_frame, &state) : -1;
  if (walk.addresses.size() == known && walk.addresses.size() < most) walk.addresses.push_back(state.pc);
  if (state.full) {
    walk.note = "the innermost " + std::to_string(most) + " frames of more";
  } else if (ended != 0) {
    const char* const reason = dwfl_errmsg(-1);
    walk.note = std::string("it could not be followed to its end: ") + (reason != nullptr ? reason : "unknown reason");
    if (header.stack_size >= kCrashStackMost) walk.note = "only the innermost part of a deep stack was kept";
  }
  return walk;
}

}  // namespace flowrra
