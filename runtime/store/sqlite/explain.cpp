#include <sqlite3.h>

#include <cerrno>

#include "store/sqlite/connection.hpp"

namespace flowrra::sqlite {
namespace {

struct Meaning {
  Code code;
  const char* text;
  const char* hint;
};

Meaning meaning(int primary, int system_error) {
  switch (primary) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {Code::busy, "the store has been locked by another program for too long",
              "Try again; another program may have a transaction open in this database."};
    case SQLITE_NOTADB:
      return {Code::corrupt, "this file is not a Flowrra store", "Choose another path."};
    case SQLITE_ERROR:  // our statements never change: what refuses one is a form that somebody has changed
    case SQLITE_CORRUPT:
      return {Code::corrupt, "the store is damaged", "Move the file away, and 'sqlite3 FILE .recover' what is left."};
    case SQLITE_FULL:
      return {Code::unreachable, "the disk is full", "Free some space: work goes on by itself."};
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_READONLY:
      return {Code::denied, "the store cannot be written",
              "The file and its folder must be writable by the user that runs this."};
    case SQLITE_CANTOPEN:
      if (system_error == EACCES || system_error == EPERM || system_error == EROFS) {
        return {Code::denied, "the store cannot be opened",
                "Its file and folder must belong to the user that runs this."};
      }
      return {Code::unreachable, "the store cannot be opened", "It must be a plain file, not a link or a folder."};
    case SQLITE_IOERR:
      if (system_error == ENOSPC || system_error == EDQUOT) return meaning(SQLITE_FULL, system_error);
      return {Code::unreachable, "the store's disk failed", "Look at the system's log."};
    case SQLITE_TOOBIG:
      return {Code::too_large, "a value is too large for the store", ""};
    default:
      return {Code::internal, "the store refused a statement", ""};
  }
}

}  // namespace

Error Connection::explain(int code) const {
  std::string detail = sqlite3_errstr(code);
  if (handle_ != nullptr && sqlite3_extended_errcode(handle_) == code) detail = sqlite3_errmsg(handle_);
  const Meaning found = meaning(code & 0xff, handle_ == nullptr ? 0 : sqlite3_system_errno(handle_));
  return {found.code, files_.database + ": " + found.text + " (" + detail + ", " + std::to_string(code) + ")",
          found.hint};
}

}  // namespace flowrra::sqlite
