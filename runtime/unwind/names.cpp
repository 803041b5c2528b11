#include "unwind/names.hpp"

#include <cxxabi.h>
#include <dwarf.h>

#include <cstdlib>
#include <memory>

namespace flowrra {
namespace {

constexpr std::size_t kLongestName = 300;
constexpr std::size_t kLongestMangled = 4096;  // beyond it demangling is not worth its time

struct Place {
  std::string file;
  int line = 0;
};

std::string bounded(std::string name) {
  if (name.size() > kLongestName) name = name.substr(0, kLongestName) + "…";
  return name;
}

// The name as it stands where it is none of C++, or makes no sense.
std::string demangled(const char* name) {
  std::string out = name;
  if (!out.starts_with("_Z") || out.size() > kLongestMangled) return bounded(std::move(out));
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> text(abi::__cxa_demangle(name, nullptr, nullptr, &status), std::free);
  return bounded(text ? text.get() : std::move(out));
}

std::string symbol_at(const Module& module, std::uint64_t address) {
  GElf_Off offset = 0;
  GElf_Sym symbol;
  const char* name = dwfl_module_addrinfo(module.handle, address, &offset, &symbol, nullptr, nullptr, nullptr);
  return name != nullptr ? demangled(name) : std::string();
}

Place line_at(const Module& module, std::uint64_t address) {
  Place place;
  Dwfl_Line* line = dwfl_module_getsrc(module.handle, address);
  if (line == nullptr) return place;
  Dwarf_Addr found = address;
  const char* file = dwfl_lineinfo(line, &found, &place.line, nullptr, nullptr, nullptr);
  if (file != nullptr) place.file = file;
  return place;
}

// Where a function that was put into another was called.
Place call_of(Dwarf_Die& inlined) {
  Place place;
  Dwarf_Attribute attribute;
  Dwarf_Word number = 0;
  if (dwarf_formudata(dwarf_attr(&inlined, DW_AT_call_line, &attribute), &number) == 0) {
    place.line = static_cast<int>(number);
  }
  Dwarf_Die unit;
  Dwarf_Files* files = nullptr;
  std::size_t count = 0;
  if (dwarf_formudata(dwarf_attr(&inlined, DW_AT_call_file, &attribute), &number) == 0 &&
      dwarf_diecu(&inlined, &unit, nullptr, nullptr) != nullptr && dwarf_getsrcfiles(&unit, &files, &count) == 0) {
    const char* file = number < count ? dwarf_filesrc(files, number, nullptr, nullptr) : nullptr;
    if (file != nullptr) place.file = file;
  }
  return place;
}

std::string function_of(Dwarf_Die& die) {
  Dwarf_Attribute attribute;
  const char* name = dwarf_formstring(dwarf_attr_integrate(&die, DW_AT_linkage_name, &attribute));
  std::string out = name != nullptr ? demangled(name) : std::string();
  if (!out.empty() && !out.starts_with("_Z")) return out;
  name = dwarf_diename(&die);  // also of names that the demangler does not know
  return name != nullptr ? bounded(name) : out;
}

struct Scopes {
  Dwarf_Die* dies = nullptr;
  int count = 0;
  Scopes() = default;
  Scopes(const Scopes&) = delete;
  Scopes& operator=(const Scopes&) = delete;
  ~Scopes() { std::free(dies); }
};

// The blocks and functions around the address in the source, the innermost first.
void find_scopes(const Module& module, std::uint64_t address, Scopes& out) {
  Dwarf_Addr bias = 0;
  Dwarf_Die* unit = dwfl_module_addrdie(module.handle, address, &bias);
  if (unit == nullptr) return;
  Scopes innermost;
  innermost.count = dwarf_getscopes(unit, address - bias, &innermost.dies);
  if (innermost.count > 0) out.count = dwarf_getscopes_die(&innermost.dies[0], &out.dies);
}

}  // namespace

std::vector<CrashFrame> functions_at(const Dump& dump, const Modules& modules, std::uint64_t address) {
  CrashFrame frame = raw_frame(dump.mappings, dump.plugins, address);
  const auto module = modules.at(address);
  if (!module) return {frame};
  frame.offset = address - module->bias;
  Place place = line_at(*module, address);
  std::vector<CrashFrame> out;
  Scopes scopes;
  find_scopes(*module, address, scopes);
  for (int i = 0; i < scopes.count; ++i) {
    const int tag = dwarf_tag(&scopes.dies[i]);
    if (tag != DW_TAG_inlined_subroutine && tag != DW_TAG_subprogram) continue;
    frame.function = function_of(scopes.dies[i]);
    frame.inlined = tag == DW_TAG_inlined_subroutine;
    frame.file = place.file;
    frame.line = place.line;
    out.push_back(frame);
    if (!frame.inlined) break;
    place = call_of(scopes.dies[i]);
  }
  if (!out.empty() && !out.back().inlined) return out;
  frame.function = symbol_at(*module, address);
  frame.inlined = false;
  frame.file = place.file;
  frame.line = place.line;
  out.push_back(frame);
  return out;
}

}  // namespace flowrra
