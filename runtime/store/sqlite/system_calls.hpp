#pragma once

namespace flowrra::sqlite {

// Puts functions in the place of two system calls that SQLite makes more often than it needs to, for this whole
// process: fchown() and the opening of a folder to sync it. Once is enough; any thread.
//
// - Of root, SQLite gives each file that it opens to the owner of the database. Where it is that already, all that
//   changes is its inode, which the next sync, of whatever process, has to write then.
// - SQLite syncs the folder with the first sync of a WAL in each process, in case that process made the file.
void spare_system_calls();

// While one lives, syncs by its thread leave the folder alone. For a WAL that has frames: who wrote its header, which
// comes before the first, has synced file and folder before it went on, unless it was a program with synchronous = OFF
// (docs/wire-format.md forbids that).
class FolderIsSynced {
 public:
  FolderIsSynced();
  FolderIsSynced(const FolderIsSynced&) = delete;
  FolderIsSynced& operator=(const FolderIsSynced&) = delete;
  ~FolderIsSynced();
};

}  // namespace flowrra::sqlite
