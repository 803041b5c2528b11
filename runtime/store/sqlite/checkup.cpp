#include "store/sqlite/checkup.hpp"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <filesystem>

#include "store/sqlite/statement.hpp"

namespace flowrra::sqlite {
namespace {

using Level = StoreCheck::Level;

constexpr std::uint64_t kMiB = std::uint64_t{1024} * 1024;
constexpr std::uint64_t kFull = 64 * kMiB;      // under it writes are about to fail
constexpr std::uint64_t kLittle = 1024 * kMiB;  // under it somebody should look
constexpr std::uint64_t kLongWal = 256 * kMiB;  // a reader has been open for very long
constexpr std::uint64_t kMostDamage = 3;        // lines of it

StoreCheck from(const char* subject, const Error& error) { return {Level::error, subject, error.message, error.hint}; }

std::string in_mib(std::uint64_t bytes) { return std::to_string(bytes / kMiB) + " MiB"; }

StoreCheck writable(Connection& connection) {
  WriteTransaction write(connection);  // rolled back
  if (!write.begun()) return from("writable", write.begun().error());
  connection.run("UPDATE counter SET count = count");
  if (connection.failed()) return from("writable", connection.take_status().error());
  return {Level::ok, "writable", "a transaction can be begun"};
}

StoreCheck integrity(Connection& connection) {
  std::string damage;
  ReadTransaction moment(connection);
  {
    Statement check(connection, "PRAGMA quick_check(3)");
    Rows rows = check.query();
    for (std::uint64_t lines = 0; lines < kMostDamage && rows.next(); ++lines) {
      if (rows.view(0) != "ok") damage += (damage.empty() ? "" : "; ") + rows.text(0);
    }
  }
  if (auto ended = moment.end(); !ended) return from("integrity", ended.error());
  if (damage.empty()) return {Level::ok, "integrity", "the quick check found nothing"};
  return {Level::error, "integrity", connection.files().database + " is damaged: " + damage,
          "Stop the nodes, move the file away, and 'sqlite3 FILE .recover' what is left."};
}

StoreCheck version(Connection& connection) {
  Statement read(connection, "PRAGMA user_version");
  std::string number;
  {
    Rows rows = read.query();
    if (rows.next()) number = rows.text(0);
  }
  if (auto status = connection.take_status(); !status) return from("schema", status.error());
  return {Level::ok, "schema", "version " + number};
}

StoreCheck durability(const Connection& connection) {
  if (connection.durability() == Durability::full) {
    return {Level::ok, "durability", "full: what is acknowledged survives a loss of power"};
  }
  return {Level::ok, "durability",
          "normal: what is acknowledged survives the death of any process, but the last moments before a loss of power "
          "may be gone"};
}

StoreCheck free_space(const Connection& connection) {
  struct statvfs space {};
  const std::string& database = connection.files().database;
  if (statvfs(database.c_str(), &space) != 0) {
    return {Level::error, "free space", "cannot ask the file system of " + database + ": " + errno_text(errno)};
  }
  const std::uint64_t left = std::uint64_t{space.f_bavail} * space.f_frsize;
  const std::string message = in_mib(left) + " are left on the file system of " + database;
  if (left < kFull)
    return {Level::error, "free space", message, "Free some: results wait while nothing can be written."};
  if (left < kLittle) return {Level::warning, "free space", message, "Free some before it is full."};
  return {Level::ok, "free space", message};
}

// Whoever may write to the folder can put another file in the store's place.
StoreCheck folder(const Connection& connection) {
  struct stat status {};
  const std::string path = std::filesystem::path(connection.files().database).parent_path();
  if (::stat(path.c_str(), &status) != 0) {
    return {Level::error, "folder", "cannot look at " + path + ": " + errno_text(errno)};
  }
  const bool sticky = (status.st_mode & S_ISVTX) != 0;
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) == 0 || sticky)
    return {Level::ok, "folder", path + " is not open to others"};
  return {Level::warning, "folder", path + " may be written by other users, who can replace the store",
          "chmod go-w " + path};
}

StoreCheck write_ahead_log(const Connection& connection) {
  struct stat status {};
  const std::string wal = connection.files().database + "-wal";
  const bool there = ::stat(wal.c_str(), &status) == 0;
  const auto size = there ? static_cast<std::uint64_t>(status.st_size) : 0;
  if (size < kLongWal) return {Level::ok, "write-ahead log", in_mib(size)};
  return {Level::warning, "write-ahead log", wal + " has grown to " + in_mib(size),
          "Some program has been reading the store for very long; fuser names it."};
}

}  // namespace

std::vector<StoreCheck> check_up(Connection& connection) {
  return {writable(connection),   integrity(connection), version(connection),        durability(connection),
          free_space(connection), folder(connection),    write_ahead_log(connection)};
}

}  // namespace flowrra::sqlite
