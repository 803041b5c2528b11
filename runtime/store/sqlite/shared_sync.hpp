#pragma once

#include <cstdint>
#include <functional>
#include <memory>

namespace flowrra::sqlite {

// Group commit: of all that commit to a store at the same time, in this process and others, one syncs the WAL for those
// that committed before it began, and the next one for those that came meanwhile. Where each syncs for itself, one may
// wait a hundred times as long as a sync takes: for pages that others go on writing.
//
// Commits are numbered, in the first page of the store's lock file. Whatever that page says, after a loss of power or
// in a copy: a number that is given is never one that counts as synced already.
//
// The system tells of a failed write those that have the file open, each once, and no others. So after a sync has
// failed, anywhere, each does one of its own before it relies on another's again. (A failure that a program of another
// kind was told, and nobody here, is not known.) Belongs to one thread.
class SharedSync {
 public:
  // Before the WAL is opened. Looks at the file, which must stay open as long. Where its page cannot be had, each syncs
  // for itself.
  explicit SharedSync(int lock_file);

  // Numbers the commit that was just made to the database of this inode. Under the store's lock.
  void committed(std::uint64_t database);

  // Returns when that commit is synced: by `sync`, whose result it is, or by another's, 0. Without the store's lock.
  int run(const std::function<int()>& sync);

  // A sync of the store failed that was none of run().
  void failed();

 private:
  struct Page;
  struct Unmap {
    void operator()(Page* page) const;
  };
  [[nodiscard]] bool relies_on_others() const;
  [[nodiscard]] bool is_covered() const;
  [[nodiscard]] bool wait_for_turn() const;
  int sync_alone(const std::function<int()>& sync);
  int sync_for_all(const std::function<int()>& sync);
  void set_database(std::uint64_t database);

  int file_;
  std::unique_ptr<Page, Unmap> page_;
  std::uint64_t number_ = 0;    // of the last commit here
  std::uint64_t database_ = 0;  // that it was made to
  std::uint32_t failures_ = 0;  // that are known here not to concern this WAL
};

}  // namespace flowrra::sqlite
