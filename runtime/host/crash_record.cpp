#include "host/crash_record.hpp"

#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include <atomic>

#include "host/crash_area.hpp"

namespace flowrra {
namespace {

// By the system call itself: AddressSanitizer's pwrite() looks at the bytes first, and ends the process where a stack's
// guard zones are among them.
ssize_t write_at(int file, std::uint64_t address, std::size_t size, off_t at) {
  return syscall(SYS_pwrite64, file, address, size, at);
}
ssize_t write_at(int file, const void* bytes, std::size_t size, off_t at) {
  return write_at(file, reinterpret_cast<std::uint64_t>(bytes), size, at);
}

constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t kGuard = 256 * kPage;  // the kernel's gap below a stack; those of threads are smaller

int area = -1;
dev_t area_device = 0;
ino_t area_number = 0;
std::int64_t loaded_at = 0;
std::atomic<pid_t> recorder = 0;

// What the writing works with, so that a small alternate stack is enough for it.
CrashHeader header;
char maps_part[16384];

// A plugin may have closed our descriptor, and got its number for a file of its own.
bool area_is_ours() {
  struct stat now = {};
  return area >= 0 && fstat(area, &now) == 0 && now.st_dev == area_device && now.st_ino == area_number;
}

void write_header(CrashStage stage) {
  header.stage = stage;
  [[maybe_unused]] const ssize_t written = write_at(area, &header, sizeof header, 0);
}

// Copies memory until it ends; how much. Reading it is the kernel's, which says EFAULT where we would fault again.
std::uint64_t copy_memory(std::uint64_t address, std::uint64_t most) {
  std::uint64_t copied = 0;
  while (copied < most) {
    const ssize_t part = write_at(area, address + copied, most - copied, static_cast<off_t>(kCrashStackAt + copied));
    if (part < 0 && errno == EINTR) continue;
    if (part <= 0) break;
    copied += static_cast<std::uint64_t>(part);
  }
  return copied;
}

// After an overflow the stack pointer stands below the stack, in the guard: the copy begins where memory does.
void write_stack() {
  std::uint64_t from = header.sp & ~std::uint64_t{7};
  const std::uint64_t last = from + kGuard;
  for (; from < last && from >= kPage; from = (from & ~(kPage - 1)) + kPage) {
    header.stack_size = copy_memory(from, kCrashStackMost);
    if (header.stack_size == 0) continue;
    header.stack_address = from;
    return;
  }
}

void write_maps() {
  int maps = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  if (maps < 0 && (errno == EMFILE || errno == ENFILE)) {
    close(STDIN_FILENO);  // it is /dev/null, and the process is about to end
    maps = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  }
  if (maps < 0) return;
  while (header.maps_size + sizeof maps_part <= kCrashMapsMost) {
    const ssize_t got = read(maps, maps_part, sizeof maps_part);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    const auto at = static_cast<off_t>(kCrashMapsAt + header.maps_size);
    if (write_at(area, maps_part, static_cast<std::size_t>(got), at) != got) break;
    header.maps_size += static_cast<std::uint64_t>(got);
  }
  close(maps);
}

#if defined(__x86_64__)
void take_registers(const ucontext_t& context) {
  constexpr int kOrder[] = {REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI, REG_RBP, REG_RSP,
                            REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};
  for (const int number : kOrder) {
    header.registers[header.register_count++] = static_cast<std::uint64_t>(context.uc_mcontext.gregs[number]);
  }
  header.pc = static_cast<std::uint64_t>(context.uc_mcontext.gregs[REG_RIP]);
  // int3 stops the processor behind itself, where another function may begin.
  if (header.signal == SIGTRAP && header.code == SI_KERNEL) --header.pc;
  header.sp = static_cast<std::uint64_t>(context.uc_mcontext.gregs[REG_RSP]);
}
#elif defined(__aarch64__)
void take_registers(const ucontext_t& context) {
  for (const auto value : context.uc_mcontext.regs) header.registers[header.register_count++] = value;
  header.registers[header.register_count++] = context.uc_mcontext.sp;
  header.pc = context.uc_mcontext.pc;
  header.sp = context.uc_mcontext.sp;
}
#else
void take_registers(const ucontext_t&) {}
#endif

void finish(const ucontext_t& context) {
  if (!area_is_ours()) return;
  rlimit size = {};  // a task's bound on file sizes counts here, too
  if (getrlimit(RLIMIT_FSIZE, &size) == 0 && size.rlim_cur != size.rlim_max) {
    size.rlim_cur = size.rlim_max;
    setrlimit(RLIMIT_FSIZE, &size);
  }
  header.thread = gettid();
  header.loaded_at = loaded_at;
  prctl(PR_GET_NAME, header.thread_name.data(), 0, 0, 0);
  take_registers(context);
  write_header(CrashStage::header);
  if (header.sp == 0) return;
  write_stack();
  write_header(CrashStage::stack);
  write_maps();
  write_header(CrashStage::complete);
}

bool has_address(int number, int code) {
  const bool by_the_processor = code > 0 && code != SI_KERNEL;
  return by_the_processor && (number == SIGSEGV || number == SIGBUS || number == SIGFPE || number == SIGILL);
}

}  // namespace

void prepare_crash_record(int fd) {
  struct stat now = {};
  if (fd < 0 || fstat(fd, &now) != 0) return;
  area = fd;
  area_device = now.st_dev;
  area_number = now.st_ino;
  loaded_at = time(nullptr);
}

bool claim_crash_record() {
  pid_t nobody = 0;
  return recorder.compare_exchange_strong(nobody, gettid());
}

pid_t crash_recorder() { return recorder; }

void record_signal(int number, const siginfo_t& info, const ucontext_t& context) {
  header.cause = CrashCause::signal;
  header.signal = number;
  header.code = info.si_code;
  if (has_address(number, info.si_code)) {
    header.has_address = 1;
    header.address = reinterpret_cast<std::uint64_t>(info.si_addr);
  }
  if (info.si_code <= 0 && info.si_pid != getpid()) {
    header.sender = info.si_pid;
    header.sender_uid = info.si_uid;
  }
  finish(context);
}

void record_exit(int status, const ucontext_t& context) {
  header.cause = CrashCause::exit;
  header.status = status;
  finish(context);
}

}  // namespace flowrra
