#include "store/sqlite/system_calls.hpp"

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

namespace flowrra::sqlite {
namespace {

using OpenFolder = int (*)(const char* file, int* descriptor);

OpenFolder open_folder = nullptr;  // SQLite's own
thread_local bool folder_is_synced = false;

int chown_where_needed(int file, uid_t user, gid_t group) {
  struct stat about {};
  if (::fstat(file, &about) == 0 && about.st_uid == user && about.st_gid == group) return 0;
  return ::fchown(file, user, group);
}

// A folder that cannot be opened is not synced, and that is no error.
int open_where_needed(const char* file, int* descriptor) {
  return folder_is_synced ? SQLITE_CANTOPEN : open_folder(file, descriptor);
}

void replace(sqlite3_vfs& files, const char* call, auto* with) {
  files.xSetSystemCall(&files, call, reinterpret_cast<sqlite3_syscall_ptr>(with));
}

}  // namespace

void spare_system_calls() {
  sqlite3_vfs* const files = sqlite3_vfs_find("unix");
  if (files == nullptr) return;
  static const bool done = [files] {
    open_folder = reinterpret_cast<OpenFolder>(files->xGetSystemCall(files, "openDirectory"));
    if (open_folder != nullptr) replace(*files, "openDirectory", open_where_needed);
    replace(*files, "fchown", chown_where_needed);
    return true;
  }();
  static_cast<void>(done);
}

FolderIsSynced::FolderIsSynced() { folder_is_synced = true; }

FolderIsSynced::~FolderIsSynced() { folder_is_synced = false; }

}  // namespace flowrra::sqlite
