#include "store/sqlite/connection.hpp"

#include <sqlite3.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/log.hpp"
#include "store/sqlite/system_calls.hpp"

namespace flowrra::sqlite {
namespace {

constexpr int kWalLimit = 4 * 1024 * 1024 / kPageSize;  // frames: over it, checkpoint; older stores have larger ones
constexpr int kWalLimitAtOpen = kWalLimit / 4;          // for who opens it alone
constexpr int kWalMuchTooLong = 3 * kWalLimit;          // over it, wait for readers so that the WAL starts anew
constexpr int kWaitForReadersMs = 100;                  // others wait for the lock meanwhile

int remember_wal_frames(void* into, sqlite3* /*handle*/, const char* /*database*/, int frames) {
  *static_cast<int*>(into) = frames;
  return SQLITE_OK;
}

// The path as the file: URI that SQLite takes.
std::string uri(const Files& files) {
  const auto escape = [](const std::string& path) {
    constexpr char kHex[] = "0123456789abcdef";
    std::string out;
    for (const char c : path) {
      const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
                         c == '.' || c == '-' || c == '_';
      const auto byte = static_cast<unsigned char>(c);
      if (plain) out += c;
      if (!plain) out.append({'%', kHex[byte >> 4], kHex[byte & 15]});
    }
    return out;
  };
  // modeof: the database and its WAL get the mode of the lock file, 0600.
  return "file:" + escape(files.database) + "?modeof=" + escape(files.lock);
}

// Without effect in a program that has used SQLite before. SQLite's memory statistics cost a lock with each allocation,
// a tenth of a push, and nobody here reads them. A cache that begins with 20 pages costs a command that reads ten of
// them the first touch of all.
void configure() {
  static const int done =
      sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) | sqlite3_config(SQLITE_CONFIG_PAGECACHE, nullptr, 0, 0);
  static_cast<void>(done);
  spare_system_calls();
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open(const Files& files, const StoreOptions& options) {
  std::unique_ptr<Connection> made(new Connection(files, options));
  if (auto connected = made->connect(); !connected) return connected.error();
  return made;
}

Connection::Connection(const Files& files, const StoreOptions& options)
    : files_(files),
      clock_(options.clock != nullptr ? *options.clock : system_clock()),
      durability_(options.durability),
      busy_timeout_(options.busy_timeout),
      lock_(open_file(files.lock)),
      shared_sync_(lock_.descriptor()),
      work_(files.wake),
      outcome_(files.done),
      next_checkpoint_(kWalLimit),
      begin_(*this, "BEGIN"),
      begin_immediate_(*this, "BEGIN IMMEDIATE"),
      write_nothing_(*this, "DELETE FROM counter WHERE 0"),
      commit_(*this, "COMMIT"),
      rollback_(*this, "ROLLBACK") {}

Connection::~Connection() { sqlite3_close_v2(handle_); }

Status Connection::connect() {
  configure();
  if (!lock_.valid()) {
    const int error = errno;
    const bool denied = error == EACCES || error == EPERM || error == EROFS;
    return Error{denied ? Code::denied : Code::unreachable, "cannot open " + files_.lock + ": " + errno_text(error),
                 "The store's folder must exist and be writable by the user that runs this."};
  }
  lock_.be_present();
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX |
                    SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE;
  if (const int code = sqlite3_open_v2(uri(files_).c_str(), &handle_, flags, nullptr); code != SQLITE_OK) {
    return explain(code);
  }
  sqlite3_busy_timeout(handle_, static_cast<int>(busy_timeout_.count() / 1000));
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_wal_hook(handle_, remember_wal_frames, &wal_frames_);  // in place of SQLite's automatic checkpoint
  run("PRAGMA synchronous = NORMAL; PRAGMA cache_size = -8000; PRAGMA temp_store = MEMORY;"
      "PRAGMA journal_size_limit = 16777216");
  struct stat about {};
  if (::stat(files_.database.c_str(), &about) == 0) {
    device_ = about.st_dev;
    inode_ = about.st_ino;
  }
  return take_status();
}

Status Connection::in_place() const {
  struct stat about {};
  const bool there = ::stat(files_.database.c_str(), &about) == 0;
  if (there && about.st_dev == device_ && about.st_ino == inode_) return {};
  return Error{Code::corrupt, files_.database + " was " + (there ? "replaced" : "removed") + " while it was in use",
               "Stop what uses a store before its files are moved; then start it again."};
}

void Connection::fail(int code) {
  if (code == SQLITE_IOERR_FSYNC) shared_sync_.failed();
  if (!error_) error_ = explain(code);
}

Status Connection::take_status() {
  if (!error_) return {};
  Error error = *error_;
  error_.reset();
  return error;
}

void Connection::run(const char* sql) {
  if (failed()) return;
  if (const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr); code != SQLITE_OK) fail(code);
}

Result<std::unique_ptr<FileLock, Connection::Release>> Connection::hold_lock() {
  if (auto locked = lock_.lock(busy_timeout_); !locked) return locked.error().in(files_.database);
  return std::unique_ptr<FileLock, Release>(&lock_);
}

Status Connection::begin_write() {
  if (failed()) return take_status();
  if (auto locked = lock_.lock(busy_timeout_); !locked) return locked.error().in(files_.database);
  return begin_immediate();
}

// From a read transaction on. A write of nothing takes SQLite's write lock, unless somebody has written since that
// began. The store's lock is not waited for meanwhile: who has it writes, or checkpoints, which an open read
// transaction hinders.
Status Connection::go_on_writing(bool& same_moment) {
  if (failed()) return take_status();
  const bool locked = !unsynced_ && lock_.lock(Micros(0)).ok();
  same_moment = locked && write_nothing_.try_to_run();
  if (same_moment) return {};
  rollback();
  return locked ? begin_immediate() : begin_write();
}

// [under the lock]
Status Connection::begin_immediate() {
  if (auto mended = mend(); !mended) return mended;
  begin_immediate_.run();
  return take_status();
}

void Connection::rollback() {
  if (sqlite3_get_autocommit(handle_) == 0) rollback_.try_to_run();
}

// The mode of the checkpoint that is to be made now. One cannot pass the frames that a reader still needs. Then it is
// tried again when the WAL has grown by as much once more, not at every commit. And who opens the store alone reads the
// whole WAL, whatever was checkpointed of it: among processes that come one after the other, with no node, each time
// one finds it long it ends it.
std::optional<int> Connection::due_checkpoint() {
  const bool first = !std::exchange(committed_, true);
  if (first && wal_frames_ >= kWalLimitAtOpen && lock_.alone()) return SQLITE_CHECKPOINT_TRUNCATE;
  if (wal_frames_ < kWalLimit) next_checkpoint_ = kWalLimit;
  if (wal_frames_ < next_checkpoint_) return std::nullopt;
  next_checkpoint_ = wal_frames_ + kWalLimit;
  return wal_frames_ < kWalMuchTooLong ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_RESTART;
}

void Connection::checkpoint(int mode) {
  sqlite3_busy_timeout(handle_, kWaitForReadersMs);
  const int code = sqlite3_wal_checkpoint_v2(handle_, nullptr, mode, nullptr, nullptr);
  sqlite3_busy_timeout(handle_, static_cast<int>(busy_timeout_.count() / 1000));
  const int primary = code & 0xff;
  if (primary == SQLITE_OK || primary == SQLITE_BUSY || primary == SQLITE_LOCKED) return;
  log::warning(files_.database + ": checkpoint: " + sqlite3_errstr(code));
  if (code != SQLITE_IOERR_FSYNC) return;
  shared_sync_.failed();
  error_ = unsynced_ = explain(code);
}

// A whole checkpoint writes the pages of every frame anew, into the database, and syncs that; then the WAL begins anew.
// [under the lock]
Status Connection::mend() {
  if (!unsynced_) return {};
  sqlite3_busy_timeout(handle_, kWaitForReadersMs);
  const int code = sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  sqlite3_busy_timeout(handle_, static_cast<int>(busy_timeout_.count() / 1000));
  if (code == SQLITE_IOERR_FSYNC) shared_sync_.failed();
  if (code != SQLITE_OK) return *unsynced_;
  unsynced_.reset();
  log::warning(files_.database + ": a sync had failed; everything is written and synced again");
  return {};
}

sqlite3_file* Connection::wal() const {
  sqlite3_file* file = nullptr;
  sqlite3_file_control(handle_, "main", SQLITE_FCNTL_JOURNAL_POINTER, static_cast<void*>(&file));
  return file != nullptr && file->pMethods != nullptr ? file : nullptr;
}

// The WAL is synced through SQLite's own descriptor: opening the file a second time and closing it is harmless for the
// WAL, but not for the database, and SQLite knows best which file it writes.
void Connection::sync_wal() {
  sqlite3_file* const file = wal();
  int code = SQLITE_IOERR_FSYNC;
  if (file != nullptr) {
    code = shared_sync_.run([file] {
      const FolderIsSynced whoever_began_the_wal;
      return file->pMethods->xSync(file, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY);
    });
  }
  if (code == SQLITE_OK) return;
  error_ = unsynced_ = explain(code);
  // At once, if it can be: others go on writing behind the frames that may be lost.
  if (const auto locked = hold_lock()) [[maybe_unused]]
    const auto tried = mend();
}

WriteTransaction::WriteTransaction(ReadTransaction& moment)
    : connection_(moment.connection_), begun_(connection_.go_on_writing(same_moment_)) {
  moment.open_ = false;
}

WriteTransaction::~WriteTransaction() {
  if (!open_) return;
  connection_.rollback();
  connection_.lock_.unlock();
  [[maybe_unused]] const auto ignored = connection_.take_status();
}

Status WriteTransaction::commit(const CommitEffects& effects) {
  connection_.commit_.run();
  if (connection_.failed()) {
    Status failure = connection_.take_status();
    connection_.rollback();
    connection_.lock_.unlock();
    open_ = false;
    return failure;
  }
  open_ = false;
  const bool sync = effects.durable && connection_.durability_ == Durability::full;
  if (sync) connection_.shared_sync_.committed(connection_.inode_);
  if (const auto checkpoint = connection_.due_checkpoint()) {
    ring(effects);  // now: a checkpoint takes long
    connection_.checkpoint(*checkpoint);
    connection_.lock_.unlock();
  } else {
    connection_.lock_.unlock();  // first: who is woken may want it, and may take this one's processor
    ring(effects);
  }
  if (sync && !connection_.failed()) connection_.sync_wal();
  return connection_.take_status();
}

void WriteTransaction::ring(const CommitEffects& effects) {
  if (effects.work) connection_.work_.ring();
  if (effects.outcomes) connection_.outcome_.ring();
}

ReadTransaction::~ReadTransaction() {
  if (open_) connection_.rollback();
}

Status ReadTransaction::end() {
  open_ = false;
  connection_.rollback();  // nothing was written: cheaper to say than to commit
  return connection_.take_status();
}

}  // namespace flowrra::sqlite
