#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "base/clock.hpp"
#include "executor/loop.hpp"
#include "host/page.hpp"
#include "task/task.hpp"

namespace flowrra {

// Sees to it that no process which a task has started outlives its host or the node, also if it went to a session of
// its own. While it lives, this process is the one that orphans of its descendants fall to (PR_SET_CHILD_SUBREAPER).
// Whose they are is told by a mark in the environment that hosts are started with and everything below them inherits.
// A process whose parent has ended is killed
// - when its host has ended;
// - of a living cpu host, once the task that started it is over;
// - without a mark: with the next host that ends;
// - at the end, whosever it is.
// Children that this process had before are none of its business; where there are any, or it is process 1 of its
// machine or container, what falls to it may be theirs too: then only what has a mark, or has been put under
// no_new_privs by a host, is touched. Every child that ends is reaped. One in a process; all on the loop thread.
class Orphans {
 public:
  // The mark of one host, which lasts until the host has been reaped.
  class Host {
   public:
    Host(Orphans& orphans, Kind kind, std::string name) : orphans_(orphans), kind_(kind), name_(std::move(name)) {}
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;
    ~Host() { orphans_.host_ended(name_); }
    // For the host's environment: "NAME=value".
    [[nodiscard]] std::string variable() const;
    void task_ended() {
      if (kind_ == Kind::cpu) orphans_.look_in_a_while();
    }

   private:
    Orphans& orphans_;
    Kind kind_;
    std::string name_;
  };

  explicit Orphans(Loop& loop);
  Orphans(const Orphans&) = delete;
  Orphans& operator=(const Orphans&) = delete;
  ~Orphans();  // as finish()

  // Borrows the page.
  [[nodiscard]] std::unique_ptr<Host> add_host(Kind kind, const SharedPage& page);

  // The hosts have ended: kills and reaps until nothing is left. Blocks; gives up after 10 s.
  void finish();

 private:
  struct Living {
    Kind kind;
    const SharedPage& page;
  };
  void host_ended(const std::string& name);
  void look();
  void look_in_a_while();
  bool pass();
  [[nodiscard]] const std::string* mark_of(pid_t pid);
  [[nodiscard]] bool due(pid_t pid);
  [[nodiscard]] bool due_unmarked(pid_t pid);
  void end(pid_t pid);
  void tell();

  const std::string node_;               // what the marks of this node's hosts begin with
  std::set<pid_t> before_;               // children that were there first
  const bool others_;                    // what falls to us may be nobody's task
  std::map<std::string, Living> hosts_;  // by mark
  int last_host_ = 0;
  BootTime last_end_{};                 // of a host
  std::map<pid_t, std::string> marks_;  // of what fell to us
  std::map<pid_t, BootTime> unmarked_;  // that were found to have no mark, and when first
  std::set<pid_t> ending_;
  int ended_ = 0;
  bool finishing_ = false;
  Timer again_;
  Timer later_;
  SignalWatch child_ended_;
};

// Kills what the tasks of nodes that are dead have left behind: a node that is killed can do it no more. Touches only
// this user's processes with the mark of a node of this PID namespace that no longer runs.
void end_orphans_of_dead_nodes();

}  // namespace flowrra
