#pragma once

// Files from a coroutine: each step runs on a thread of the host's pool, the loop never waits for a disk.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "flowrra/co.hpp"
#include "flowrra/descriptor.hpp"
#include "flowrra/errors.hpp"
#include "flowrra/io_context.hpp"

namespace flowrra::inline sdk {

namespace detail {

inline Descriptor open_file(const std::filesystem::path& path, int flags) {
  Descriptor file(::open(path.c_str(), flags | O_CLOEXEC, 0666));
  if (!file) throw_errno("cannot open " + path.native());
  return file;
}

inline std::string read_some(int fd, std::size_t size, const std::filesystem::path& path) {
  std::string chunk(size, '\0');
  std::size_t filled = 0;
  while (filled < size) {
    const ssize_t got = ::read(fd, chunk.data() + filled, size - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_errno("cannot read " + path.native());
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  chunk.resize(filled);
  return chunk;
}

inline void write_all(int fd, std::string_view text, const std::filesystem::path& path) {
  while (!text.empty()) {
    const ssize_t put = ::write(fd, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) throw_errno("cannot write " + path.native());
    text.remove_prefix(static_cast<std::size_t>(put));
  }
}

// Removes the file unless it is kept.
struct Unfinished {
  std::string path;
  bool kept = false;
  explicit Unfinished(std::string the_path) : path(std::move(the_path)) {}
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;
  ~Unfinished() {
    if (!kept) ::unlink(path.c_str());
  }
};

// A new file beside `path`, with the mode that new files have.
inline Descriptor open_beside(const std::filesystem::path& path, std::string& name) {
  static std::atomic<unsigned> count = 0;
  for (int tries = 0; tries < 100; ++tries) {
    name = path.native() + "." + std::to_string(getpid()) + "-" + std::to_string(count++);
    Descriptor file(::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (file) return file;
    if (errno != EEXIST) break;
  }
  throw_errno("cannot write beside " + path.native());
}

inline void replace_file(const std::filesystem::path& path, std::string_view text) {
  std::string name;
  const Descriptor file = open_beside(path, name);
  Unfinished written(name);
  write_all(file.get(), text, path);
  struct stat old = {};
  if (::stat(path.c_str(), &old) == 0 && ::fchmod(file.get(), old.st_mode & 07777) != 0)
    throw_errno("cannot write " + path.native());
  if (::fsync(file.get()) != 0 || ::rename(name.c_str(), path.c_str()) != 0)
    throw_errno("cannot write " + path.native());
  written.kept = true;
}

}  // namespace detail

// A file that is read or written a chunk at a time. One step at a time; it outlives each of them.
//   flowrra::File file = co_await flowrra::File::open(ctx, path);
//   for (std::string chunk = co_await file.read(); !chunk.empty(); chunk = co_await file.read()) …
class File {
 public:
  enum class Mode { read, write, append };  // write: empties a file that is there
  static constexpr std::size_t kChunk = std::size_t{256} * 1024;

  // Throws std::system_error, as everything here does, with the file's name in its message; and Cancelled.
  static Co<File> open(IoContext& ctx, std::filesystem::path path, Mode mode = Mode::read) {
    const int flags = mode == Mode::read    ? O_RDONLY
                      : mode == Mode::write ? O_WRONLY | O_CREAT | O_TRUNC
                                            : O_WRONLY | O_CREAT | O_APPEND;
    detail::Descriptor file = co_await ctx.blocking([&] { return detail::open_file(path, flags); });
    co_return File(ctx, std::move(file), std::move(path));
  }

  // The next bytes, fewer than `most` at the end only; empty when there are no more.
  Co<std::string> read(std::size_t most = kChunk) {
    co_return co_await ctx_->blocking([&] { return detail::read_some(file_.get(), most, path_); });
  }
  Co<void> write(std::string text) {
    co_await ctx_->blocking([&] { detail::write_all(file_.get(), text, path_); });
  }
  // How long it is.
  Co<std::uint64_t> size() {
    co_return co_await ctx_->blocking([&] {
      struct stat about = {};
      if (::fstat(file_.get(), &about) != 0) detail::throw_errno("cannot read " + path_.native());
      return static_cast<std::uint64_t>(about.st_size);
    });
  }
  // What was written is on the disk.
  Co<void> sync() {
    co_await ctx_->blocking([&] {
      if (::fsync(file_.get()) != 0) detail::throw_errno("cannot write " + path_.native());
    });
  }
  void close() noexcept { file_.close(); }

 private:
  File(IoContext& ctx, detail::Descriptor file, std::filesystem::path path)
      : ctx_(&ctx), file_(std::move(file)), path_(std::move(path)) {}

  IoContext* ctx_;
  detail::Descriptor file_;
  std::filesystem::path path_;
};

// A whole file. One of more than `limit` bytes is refused: Permanent.
inline Co<std::string> read_file(IoContext& ctx, std::filesystem::path path,
                                 std::size_t limit = std::size_t{64} << 20) {
  co_return co_await ctx.blocking([&] {
    const detail::Descriptor file = detail::open_file(path, O_RDONLY);
    std::string text;
    while (text.size() <= limit) {
      const std::string chunk = detail::read_some(file.get(), File::kChunk, path);
      if (chunk.empty()) return text;
      text += chunk;
    }
    throw Permanent(path.native() + " has more than " + std::to_string(limit) + " bytes");
  });
}

// Writes a whole file so that others see the old one or the new one and never a part, on the disk when this ends: to a
// temporary name beside it, synced, renamed. The mode of a file that is there is kept.
inline Co<void> write_file(IoContext& ctx, std::filesystem::path path, std::string text) {
  co_await ctx.blocking([&] { detail::replace_file(path, text); });
}

}  // namespace flowrra::inline sdk
