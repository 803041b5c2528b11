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
// in a copy: a number that is given is never one that counts as synced already. Belongs to one thread.
class SharedSync {
 public:
  // Looks at the file, which must stay open as long. Where its page cannot be had, each syncs for itself.
  explicit SharedSync(int lock_file) : file_(lock_file) {}

  // Numbers the commit that was just made. Under the store's lock.
  void committed();

  // Returns when that commit is synced: by `sync`, whose result it is, or by another's, 0. Without the store's lock.
  int run(const std::function<int()>& sync);

 private:
  struct Page;
  struct Unmap {
    void operator()(Page* page) const;
  };
  void map();
  [[nodiscard]] bool is_covered() const;
  int sync_and_tell(const std::function<int()>& sync);

  int file_;
  std::unique_ptr<Page, Unmap> page_;
  std::uint64_t number_ = 0;    // of the last commit here
  std::uint32_t failures_ = 0;  // of syncs, before it
};

}  // namespace flowrra::sqlite
