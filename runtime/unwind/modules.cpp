#include "unwind/modules.hpp"

#include <fcntl.h>
#include <gelf.h>
#include <sys/stat.h>

#include <set>

namespace flowrra {
namespace {

// Where debug information in files of its own is looked for: beside the file, and where Debian's packages put it.
char debug_folders[] = ":.debug:/usr/lib/debug";
char* debug_path = debug_folders;

const Dwfl_Callbacks kCallbacks{
    .find_elf = [](Dwfl_Module*, void**, const char*, Dwarf_Addr, char**, Elf**) { return -1; },
    .find_debuginfo = dwfl_standard_find_debuginfo,
    .section_address = dwfl_offline_section_address,
    .debuginfo_path = &debug_path,
};

// What the loader added to the file's addresses, told from where it put one of its segments.
std::optional<std::uint64_t> bias_of(const Mapping& mapping) {
  const UniqueFd file(open(mapping.file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return std::nullopt;
  const std::unique_ptr<Elf, int (*)(Elf*)> elf(elf_begin(file.get(), ELF_C_READ_MMAP, nullptr), elf_end);
  std::size_t count = 0;
  if (!elf || elf_getphdrnum(elf.get(), &count) != 0) return std::nullopt;
  for (std::size_t i = 0; i < count; ++i) {
    GElf_Phdr segment;
    if (gelf_getphdr(elf.get(), static_cast<int>(i), &segment) == nullptr || segment.p_type != PT_LOAD) continue;
    const std::uint64_t page = segment.p_align > 0 ? segment.p_offset & ~(segment.p_align - 1) : segment.p_offset;
    if (mapping.offset < page || mapping.offset >= segment.p_offset + segment.p_filesz) continue;
    if ((segment.p_flags & PF_X) == 0) continue;
    return mapping.begin - (segment.p_vaddr - segment.p_offset + mapping.offset);
  }
  return std::nullopt;
}

}  // namespace

Modules::Modules(const Dump& dump) : dwfl_(dwfl_begin(&kCallbacks)) {
  if (!dwfl_) return;
  std::set<std::string> reported;
  dwfl_report_begin(dwfl_.get());
  for (const Mapping& mapping : dump.mappings) {
    if (!mapping.executable || mapping.file.empty() || changed_since(mapping.file, dump.header.loaded_at)) continue;
    if (!reported.insert(mapping.file).second) continue;
    if (const auto bias = bias_of(mapping)) {
      dwfl_report_elf(dwfl_.get(), mapping.file.c_str(), mapping.file.c_str(), -1, *bias, true);
    }
  }
  dwfl_report_end(dwfl_.get(), nullptr, nullptr);
}

std::optional<Module> Modules::at(std::uint64_t address) const {
  Module out;
  out.handle = dwfl_ ? dwfl_addrmodule(dwfl_.get(), address) : nullptr;
  if (out.handle == nullptr || dwfl_module_getelf(out.handle, &out.bias) == nullptr) return std::nullopt;
  out.file = dwfl_module_info(out.handle, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr);
  return out;
}

std::string build_id(const Module& module) {
  const unsigned char* bits = nullptr;
  GElf_Addr address = 0;
  std::string out;
  for (int i = 0, length = dwfl_module_build_id(module.handle, &bits, &address); i < length; ++i) {
    out += "0123456789abcdef"[bits[i] >> 4U];
    out += "0123456789abcdef"[bits[i] & 15U];
  }
  return out;
}

bool changed_since(const std::string& file, std::int64_t time) {
  struct stat now = {};
  return stat(file.c_str(), &now) != 0 || now.st_ctim.tv_sec > time;
}

}  // namespace flowrra
