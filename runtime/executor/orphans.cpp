#include "executor/orphans.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>

#include "base/child.hpp"
#include "base/fd.hpp"
#include "base/log.hpp"
#include "base/process_stat.hpp"
#include "executor/host_mark.hpp"

namespace flowrra {
namespace {

constexpr int kPassesInARow = 20;  // what is killed leaves orphans of its own: they are followed at once
constexpr Micros kAgain = std::chrono::milliseconds(10);
constexpr Micros kAWhile = std::chrono::milliseconds(500);      // after a task of a cpu host
constexpr Micros kSurelyBare = std::chrono::milliseconds(100);  // a process has no environment while it runs exec()
constexpr Micros kPatience = std::chrono::seconds(10);

std::set<pid_t> children_now() {
  const std::vector<pid_t> children = adopted_children();
  return {children.begin(), children.end()};
}

bool reap(pid_t pid) { return waitpid(pid, nullptr, WNOHANG | __WALL) == pid; }

// Of a host that runs its tasks one after the other.
bool left_by_ended_task(const SharedPage& page, pid_t pid) {
  const SharedPage::Thread& main = page.threads[0];
  if (main.call.load(std::memory_order_acquire) == 0) return true;
  const BootTime since{Micros(main.since.load(std::memory_order_relaxed))};
  const auto stat = process_stat(pid);
  return stat && stat->started_before() <= since;
}

bool end_if_of_dead_node(pid_t pid) {
  const UniqueFd process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  struct stat about {};
  const std::string folder = "/proc/" + std::to_string(pid);
  if (!process || pid == getpid() || stat(folder.c_str(), &about) != 0 || about.st_uid != geteuid()) return false;
  const auto mark = host_mark(pid);
  return mark && is_of_dead_node(*mark) && syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0) == 0;
}

}  // namespace

std::string Orphans::Host::variable() const { return std::string(kHostMark) + "=" + name_; }

Orphans::Orphans(Loop& loop)
    : node_(new_node_mark()),
      before_(children_now()),
      others_(getpid() == 1 || !before_.empty()),
      again_(loop, [this] { look(); }),
      later_(loop, [this] { look(); }),
      child_ended_(loop, SIGCHLD, [this] { look(); }) {
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  if (access("/proc/thread-self/children", R_OK) != 0) {
    log::warning("/proc shows no children: processes that tasks leave behind outside of their group are not found");
  }
}

Orphans::~Orphans() {
  finish();
  prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
}

std::unique_ptr<Orphans::Host> Orphans::add_host(Kind kind, const SharedPage& page) {
  std::string name = node_ + std::to_string(++last_host_);
  hosts_.emplace(name, Living{kind, page});
  return std::make_unique<Host>(*this, kind, std::move(name));
}

void Orphans::host_ended(const std::string& name) {
  hosts_.erase(name);
  last_end_ = system_clock().boot();
  if (!finishing_) look();
}

void Orphans::look_in_a_while() {
  if (!later_.active()) later_.start(kAWhile);
}

void Orphans::look() {
  bool found = true;
  for (int i = 0; found && i < kPassesInARow; ++i) found = pass();
  if (found || !unmarked_.empty()) again_.start(kAgain);
  if (!found) tell();
}

// Reaps what has ended and kills what is due. True when there was any: what it leaves may be due next.
bool Orphans::pass() {
  bool found = false;
  for (const pid_t pid : adopted_children()) {
    if (reap(pid)) {
      before_.erase(pid);
      marks_.erase(pid);
      unmarked_.erase(pid);
      ending_.erase(pid);
      found = true;
    } else if (!before_.contains(pid) && due(pid)) {
      end(pid);
      found = true;
    }
  }
  return found;
}

// As it was when it was found: it may run another program since.
const std::string* Orphans::mark_of(pid_t pid) {
  auto known = marks_.find(pid);
  if (known == marks_.end()) {
    auto mark = host_mark(pid);
    if (!mark) return nullptr;
    known = marks_.emplace(pid, *std::move(mark)).first;
    unmarked_.erase(pid);
  }
  return &known->second;
}

bool Orphans::due(pid_t pid) {
  const std::string* mark = mark_of(pid);
  const auto host = mark != nullptr ? hosts_.find(*mark) : hosts_.end();
  if (host != hosts_.end() && !finishing_) {
    return host->second.kind == Kind::cpu && left_by_ended_task(host->second.page, pid);
  }
  if (mark != nullptr && mark->starts_with(node_)) return true;
  const bool a_tasks = !others_ || (has_no_new_privileges(pid) && !has_no_new_privileges(getpid()));
  return a_tasks && (finishing_ || due_unmarked(pid));
}

bool Orphans::due_unmarked(pid_t pid) {
  const auto stat = process_stat(pid);
  if (!stat || stat->started_after() > last_end_) return false;
  const BootTime now = system_clock().boot();
  return now - unmarked_.try_emplace(pid, now).first->second >= kSurelyBare;
}

// With its process group: that is one step for the kernel, in which nobody forks. A host's group is left alone while it
// lives.
void Orphans::end(pid_t pid) {
  const pid_t group = getpgid(pid);
  const bool shared = group <= 1 || group == getpgrp() || is_own_child(group);
  if (shared || kill(-group, SIGKILL) != 0) kill(pid, SIGKILL);
  if (ending_.insert(pid).second) ++ended_;
}

void Orphans::tell() {
  if (ended_ > 0) log::info(std::to_string(ended_) + " processes that tasks had left behind were killed");
  ended_ = 0;
}

void Orphans::finish() {
  finishing_ = true;
  const BootTime deadline = system_clock().boot() + kPatience;
  for (int i = 0; pass(); ++i) {
    if (system_clock().boot() > deadline) {
      log::error(std::to_string(ending_.size()) + " processes that tasks had left behind do not end");
      break;
    }
    if (i > kPassesInARow) poll(nullptr, 0, 1);
  }
  tell();
}

void end_orphans_of_dead_nodes() {
  int ended = 0;
  std::error_code error;
  std::filesystem::directory_iterator each("/proc", error);
  for (; !error && each != std::filesystem::directory_iterator(); each.increment(error)) {
    const std::string name = each->path().filename().string();
    pid_t pid = 0;
    const auto [end, bad] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (bad == std::errc() && end == name.data() + name.size() && end_if_of_dead_node(pid)) ++ended;
  }
  if (ended > 0) log::info(std::to_string(ended) + " processes that tasks of a dead node had left behind were killed");
}

}  // namespace flowrra
