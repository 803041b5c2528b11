/* Preloaded into one flowrra process, this makes the system beneath it fail or jump as the environment says:
 *
 *   FLOWRRA_FAULT_PATH    only files whose path holds this text count
 *   FLOWRRA_FAULT_KILL    the process is killed just before its n-th call that opens, locks, writes, syncs or removes
 *   FLOWRRA_FAULT_FAIL    its n-th call that writes, syncs or resizes fails …
 *   FLOWRRA_FAULT_TIMES   … and so many calls after it (default 1)
 *   FLOWRRA_FAULT_ERRNO   … with this error (default EIO)
 *   FLOWRRA_FAULT_CLOCK   a file of 8 bytes: microseconds by which the wall clock is off, as they stand there now
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { kFiles = 4096 };

static atomic_int watched[kFiles];
static atomic_long steps, writes;
static long kill_at, fail_at, fail_times = 1;
static int fail_errno = EIO;
static const char* path_part;
static const _Atomic int64_t* clock_offset;

/* The functions behind these, looked up before main(): a handler of a signal may write, and dlsym() takes a lock. */
#define FUNCTIONS(each)                                                                                                \
  each(open) each(open64) each(openat) each(close) each(write) each(pwrite) each(pwrite64) each(fsync) each(fdatasync) \
      each(ftruncate) each(ftruncate64) each(flock) each(unlink) each(clock_gettime) each(gettimeofday)
#define DECLARE(name) static __typeof__(&(name)) next_##name;
#define LOOK_UP(name) next_##name = __extension__(__typeof__(&(name))) dlsym(RTLD_NEXT, #name);
#define NEXT(name) (next_##name != NULL ? next_##name : (look_up(), next_##name))
FUNCTIONS(DECLARE)
static void look_up(void) { FUNCTIONS(LOOK_UP) }

static long number(const char* name, long otherwise) {
  const char* text = getenv(name);
  return text != NULL ? atol(text) : otherwise;
}

__attribute__((constructor)) static void begin(void) {
  look_up();
  path_part = getenv("FLOWRRA_FAULT_PATH");
  kill_at = number("FLOWRRA_FAULT_KILL", 0);
  fail_at = number("FLOWRRA_FAULT_FAIL", 0);
  fail_times = number("FLOWRRA_FAULT_TIMES", 1);
  fail_errno = (int)number("FLOWRRA_FAULT_ERRNO", EIO);
  const char* file = getenv("FLOWRRA_FAULT_CLOCK");
  if (file != NULL) {
    const int fd = open(file, O_RDONLY | O_CLOEXEC);
    void* memory = mmap(NULL, sizeof *clock_offset, PROT_READ, MAP_SHARED, fd, 0);
    if (memory != MAP_FAILED) clock_offset = memory;
    close(fd);
  }
}

static int is_watched(int fd) { return fd >= 0 && fd < kFiles && atomic_load(&watched[fd]); }

static void step(void) {
  if (kill_at > 0 && atomic_fetch_add(&steps, 1) + 1 == kill_at) raise(SIGKILL);
}

/* 1 when this call shall fail; errno says how. */
static int fails(int fd) {
  if (!is_watched(fd)) return 0;
  step();
  const long now = atomic_fetch_add(&writes, 1) + 1;
  if (fail_at == 0 || now < fail_at || now >= fail_at + fail_times) return 0;
  errno = fail_errno;
  return 1;
}

static int named(const char* path) { return path_part != NULL && path != NULL && strstr(path, path_part) != NULL; }

static int opened(int fd, const char* path) {
  if (fd >= 0 && fd < kFiles) atomic_store(&watched[fd], named(path));
  return fd;
}

#define MODE(flags)                        \
  mode_t mode = 0;                         \
  if ((flags) & (O_CREAT | O_TMPFILE)) {   \
    va_list rest;                          \
    va_start(rest, flags);                 \
    mode = (mode_t)va_arg(rest, unsigned); \
    va_end(rest);                          \
  }

int open(const char* path, int flags, ...) {
  MODE(flags)
  if (named(path)) step();
  return opened(NEXT(open)(path, flags, mode), path);
}
int open64(const char* path, int flags, ...) {
  MODE(flags)
  if (named(path)) step();
  return opened(NEXT(open64)(path, flags, mode), path);
}
int openat(int folder, const char* path, int flags, ...) {
  MODE(flags)
  if (named(path)) step();
  return opened(NEXT(openat)(folder, path, flags, mode), path);
}
int close(int fd) {
  if (fd >= 0 && fd < kFiles) atomic_store(&watched[fd], 0);
  return NEXT(close)(fd);
}
ssize_t write(int fd, const void* bytes, size_t size) { return fails(fd) ? -1 : NEXT(write)(fd, bytes, size); }
ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
  return fails(fd) ? -1 : NEXT(pwrite)(fd, bytes, size, at);
}
ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t at) {
  return fails(fd) ? -1 : NEXT(pwrite64)(fd, bytes, size, at);
}
int fsync(int fd) { return fails(fd) ? -1 : NEXT(fsync)(fd); }
int fdatasync(int fd) { return fails(fd) ? -1 : NEXT(fdatasync)(fd); }
int ftruncate(int fd, off_t size) { return fails(fd) ? -1 : NEXT(ftruncate)(fd, size); }
int ftruncate64(int fd, off64_t size) { return fails(fd) ? -1 : NEXT(ftruncate64)(fd, size); }
int flock(int fd, int operation) {
  if (is_watched(fd)) step();
  return NEXT(flock)(fd, operation);
}
int unlink(const char* path) {
  if (named(path)) step();
  return NEXT(unlink)(path);
}

static int64_t offset(void) { return clock_offset != NULL ? atomic_load(clock_offset) : 0; }

int clock_gettime(clockid_t clock, struct timespec* now) {
  const int result = NEXT(clock_gettime)(clock, now);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += offset() / 1000000;
  return result;
}
int gettimeofday(struct timeval* now, void* zone) {
  const int result = NEXT(gettimeofday)(now, zone);
  if (result == 0) now->tv_sec += offset() / 1000000;
  return result;
}
time_t time(time_t* into) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (into != NULL) *into = now.tv_sec;
  return now.tv_sec;
}
