#include "plugin/copy_folder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include "base/id.hpp"
#include "base/log.hpp"
#include "base/sha256.hpp"

namespace flowrra {
namespace {

constexpr const char* kSuffix = ".so";
constexpr std::size_t kDigits = 64;
constexpr std::size_t kMaxStem = 60;
constexpr const char* kDraft = "draft-";
constexpr const char* kSeen = "seen-";
constexpr int kTries = 3;
constexpr std::int64_t kSettled = 2;  // seconds: a younger file may change once more within one tick of its time stamps

Error failed(const std::string& what, const std::string& path, int reason) {
  return {reason == EACCES || reason == EROFS ? Code::denied : Code::internal,
          "cannot " + what + " " + path + ": " + errno_text(reason),
          "The folder of the private copies is [plugins] copies in the configuration."};
}

std::string nanoseconds(const timespec& time) {
  return std::to_string(time.tv_sec) + "." + std::to_string(time.tv_nsec);
}

// What changes whenever somebody writes to a file or puts another in its place: nobody can set ctime.
std::string stamp_of(const struct stat& status) {
  return std::to_string(status.st_dev) + "-" + std::to_string(status.st_ino) + "-" + std::to_string(status.st_size) +
         "-" + nanoseconds(status.st_mtim) + "-" + nanoseconds(status.st_ctim);
}

std::string stamp_of(int fd) {
  struct stat status {};
  return fstat(fd, &status) == 0 ? stamp_of(status) : std::string();
}

// Whether the next change of the file is bound to show in its stamp.
bool settled(int fd) {
  struct stat status {};
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return fstat(fd, &status) == 0 && status.st_ctim.tv_sec + kSettled < now.tv_sec &&
         status.st_mtim.tv_sec + kSettled < now.tv_sec;
}

// media-DIGEST.so: profilers, debuggers and crash reports show it.
std::string name_of(const TrustedFile& file, const std::string& digest) {
  std::string stem = std::filesystem::path(file.path).stem().string().substr(0, kMaxStem);
  for (char& c : stem) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    if (!plain) c = '_';
  }
  return stem + "-" + digest + kSuffix;
}

std::string digest_in(const std::string& name) {
  const std::size_t suffix = std::strlen(kSuffix);
  return name.size() > kDigits + suffix ? name.substr(name.size() - suffix - kDigits, kDigits) : std::string();
}

// What was seen of a file is the text of a symbolic link: made and read in one step, without a form to parse.
std::string seen_name(const std::string& stamp) { return kSeen + stamp; }

struct Seen {
  std::string copy;   // its name
  std::string stamp;  // of the copy
};

Seen read_seen(int folder, const std::string& name) {
  std::vector<char> text(512);
  const ssize_t size = readlinkat(folder, name.c_str(), text.data(), text.size());
  const std::string_view all(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  const std::size_t space = all.find(' ');
  if (space == std::string_view::npos) return {};
  return {std::string(all.substr(0, space)), std::string(all.substr(space + 1))};
}

void remember(int folder, const std::string& stamp, const Seen& seen) {
  const std::string name = seen_name(stamp);
  const std::string text = seen.copy + " " + seen.stamp;
  if (symlinkat(text.c_str(), folder, name.c_str()) == 0 || errno != EEXIST) return;
  unlinkat(folder, name.c_str(), 0);  // of a copy that was made anew
  [[maybe_unused]] const int again = symlinkat(text.c_str(), folder, name.c_str());
}

// The whole file from its beginning, sharing its blocks where the file system can.
bool copy_bytes(int from, int to) {
  if (ioctl(to, FICLONE, from) == 0) return true;
  loff_t at = 0;
  for (;;) {
    const ssize_t count = copy_file_range(from, &at, to, nullptr, std::size_t{1} << 30U, 0);
    if (count == 0) return true;
    if (count < 0 && at == 0) break;  // not between these two
    if (count < 0 && errno != EINTR) return false;
  }
  std::vector<char> bytes(std::size_t{256} * 1024);
  for (off_t offset = 0;;) {
    const ssize_t got = pread(from, bytes.data(), bytes.size(), offset);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return got == 0;
    for (ssize_t done = 0; done < got;) {
      const ssize_t put = write(to, bytes.data() + done, static_cast<std::size_t>(got - done));
      if (put < 0 && errno != EINTR) return false;
      if (put > 0) done += put;
    }
    offset += got;
  }
}

PluginFile plugin_file(const std::string& folder, const std::string& name, UniqueFd fd) {
  PluginFile out;
  out.copy = folder + "/" + name;
  out.digest = "sha256:" + digest_in(name);
  out.hold = std::make_shared<const UniqueFd>(std::move(fd));
  return out;
}

}  // namespace

Result<CopyFolder> CopyFolder::open(const std::string& path) {
  std::error_code ignored;
  const std::filesystem::path above = std::filesystem::path(path).parent_path();
  if (!std::filesystem::exists(above, ignored)) {
    const mode_t before = umask(077);
    std::filesystem::create_directories(above, ignored);
    umask(before);
  }
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return failed("make the folder", path, errno);
  auto folder = open_trusted_folder(path);
  if (!folder) {
    Error error = folder.error().in("private copies of plugins");
    error.hint += " Or name another folder with [plugins] copies.";
    return error;
  }
  struct stat status {};
  if (fstat(folder->fd.get(), &status) != 0 || status.st_uid != geteuid() || (status.st_mode & 0077) != 0) {
    return Error{Code::denied, "private copies of plugins: the folder " + path + " is not this user's alone",
                 "Run `chmod 700 " + path + "`, or name another folder with [plugins] copies."};
  }
  return CopyFolder(*std::move(folder));
}

// Held and found as it should be; an empty PluginFile when there is none, or none that can be used.
Result<PluginFile> CopyFolder::existing(const std::string& name, const std::string& remembered) const {
  UniqueFd fd(openat(folder_.fd.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return PluginFile{};
  struct stat status {};
  if (flock(fd.get(), LOCK_SH | LOCK_NB) != 0 || fstat(fd.get(), &status) != 0 || status.st_nlink == 0) {
    return PluginFile{};  // it is being removed
  }
  if (stamp_of(status) != remembered) {
    auto found = sha256_of_file(fd.get());
    if (!found) return found.error().in(folder_.path + "/" + name);
    if (*found != digest_in(name)) {
      log::warning("the private copy " + folder_.path + "/" + name + " was damaged: it is made anew");
      unlinkat(folder_.fd.get(), name.c_str(), 0);
      return PluginFile{};
    }
  }
  return plugin_file(folder_.path, name, std::move(fd));
}

// The digest of what was copied, which is what counts: the file may change meanwhile.
Result<std::string> CopyFolder::write_draft(const TrustedFile& file, const std::string& draft, UniqueFd& fd) const {
  fd.reset(openat(folder_.fd.get(), draft.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0400));
  if (!fd) return failed("make a copy in", folder_.path, errno);
  flock(fd.get(), LOCK_SH);
  for (int i = 0; i < kTries; ++i) {
    const std::string before = stamp_of(file.fd.get());
    if (ftruncate(fd.get(), 0) != 0 || lseek(fd.get(), 0, SEEK_SET) != 0 || !copy_bytes(file.fd.get(), fd.get())) {
      return failed("copy " + file.path + " to", folder_.path, errno);
    }
    if (stamp_of(file.fd.get()) == before) return sha256_of_file(fd.get());
  }
  return Error{Code::busy, file.path + " is being written", "Install a plugin by renaming the finished file."};
}

Result<PluginFile> CopyFolder::made(const TrustedFile& file) const {
  const std::string draft = kDraft + new_ulid(system_clock());
  UniqueFd fd;
  auto digest = write_draft(file, draft, fd);
  const std::string name = digest ? name_of(file, *digest) : std::string();
  Result<PluginFile> out = PluginFile{};
  if (!digest) {
    out = digest.error();
  } else if (linkat(folder_.fd.get(), draft.c_str(), folder_.fd.get(), name.c_str(), 0) == 0) {
    out = existing(name, stamp_of(fd.get()));
  } else if (errno == EEXIST) {
    out = existing(name, {});  // somebody was faster
  } else {
    out = failed("make a copy in", folder_.path, errno);
  }
  unlinkat(folder_.fd.get(), draft.c_str(), 0);
  return out;
}

Result<PluginFile> CopyFolder::copy_of(const TrustedFile& file) const {
  const std::string stamp = stamp_of(file.fd.get());
  const bool lasting = settled(file.fd.get());
  Result<PluginFile> out = PluginFile{};
  if (const Seen seen = read_seen(folder_.fd.get(), seen_name(stamp)); lasting && !seen.copy.empty()) {
    out = existing(seen.copy, seen.stamp);
    if (!out || !out->copy.empty()) return out;
  }
  auto digest = sha256_of_file(file.fd.get());
  if (!digest) return digest.error().in(file.path);
  const std::string name = name_of(file, *digest);
  out = existing(name, {});
  for (int i = 0; i < kTries && out && out->copy.empty(); ++i) out = made(file);
  if (!out) return out.error();
  if (out->copy.empty()) return Error{Code::busy, "private copies are removed from " + folder_.path, {}};
  if (lasting && stamp_of(file.fd.get()) == stamp && out->copy.ends_with("/" + name)) {
    remember(folder_.fd.get(), stamp, {name, stamp_of(out->hold->get())});
  }
  return out;
}

void CopyFolder::sweep_copy(const std::string& name, WallTime before) const {
  const UniqueFd fd(openat(folder_.fd.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  struct stat status {};
  if (!fd || fstat(fd.get(), &status) != 0) return;
  if (wall_from_micros(std::int64_t{status.st_mtim.tv_sec} * 1'000'000) > before) return;
  if (flock(fd.get(), LOCK_EX | LOCK_NB) == 0) unlinkat(folder_.fd.get(), name.c_str(), 0);
}

void CopyFolder::sweep(Micros age) const {
  const WallTime before = system_clock().wall() - age;
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder_.path, error), end; !error && entry != end;
       entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  for (const std::string& name : names) {
    if (!name.starts_with(kSeen)) sweep_copy(name, before);
  }
  for (const std::string& name : names) {
    if (!name.starts_with(kSeen)) continue;
    const std::string copy = read_seen(folder_.fd.get(), name).copy;
    if (faccessat(folder_.fd.get(), copy.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) != 0) {
      unlinkat(folder_.fd.get(), name.c_str(), 0);
    }
  }
}

}  // namespace flowrra
