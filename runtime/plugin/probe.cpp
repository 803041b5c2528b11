#include "plugin/probe.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <deque>
#include <filesystem>
#include <memory>

#include "base/child.hpp"
#include "base/log.hpp"
#include "plugin/host_environment.hpp"

namespace flowrra {
namespace {

constexpr std::size_t kLastWords = 400;  // bytes of the child's stderr that are told

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return Error{Code::internal, "pipe: " + errno_text(errno), {}};
  fcntl(ends[0], F_SETFL, O_NONBLOCK);  // our end only: the child's writes may wait
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

// One plugin in one child, from its start to its manifest.
class Probe {
 public:
  static Result<std::unique_ptr<Probe>> start(const std::string& host_program, const PluginFile& plugin,
                                              Micros timeout);
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;
  ~Probe() {
    if (!ended_) end();
  }

  void watch(std::vector<pollfd>& into) const;
  // Reads what is there; true once the child has ended, or was killed because it went too far.
  bool advance(BootTime now);
  [[nodiscard]] BootTime deadline() const { return deadline_; }
  [[nodiscard]] Result<Manifest> result() const;

 private:
  Probe(PluginFile plugin, Micros timeout)
      : plugin_(std::move(plugin)), timeout_(timeout), deadline_(system_clock().boot() + timeout) {}
  void read_pipes();
  void end();
  [[nodiscard]] Error failed(const std::string& what, const std::string& hint) const;

  PluginFile plugin_;
  Micros timeout_;
  BootTime deadline_;
  Child child_;
  UniqueFd manifest_fd_;
  UniqueFd stderr_fd_;
  std::string manifest_;
  std::string last_words_;
  ChildEnd how_;
  bool ended_ = false;
  bool too_late_ = false;
};

Result<std::unique_ptr<Probe>> Probe::start(const std::string& host_program, const PluginFile& plugin, Micros timeout) {
  auto manifest = make_pipe();
  if (!manifest) return manifest.error();
  auto words = make_pipe();
  if (!words) return words.error();
  const UniqueFd nowhere(open("/dev/null", O_WRONLY | O_CLOEXEC));
  std::unique_ptr<Probe> probe(new Probe(plugin, timeout));
  ChildRequest request;
  request.program = host_program;
  request.arguments = {"manifest", "--fd", "3", "--parent", std::to_string(getpid())};
  if (!plugin.copy.empty()) request.arguments.insert(request.arguments.end(), {"--copy", plugin.copy});
  request.arguments.push_back(std::filesystem::absolute(plugin.path).lexically_normal().string());
  request.environment = host_environment();
  request.fds = {{nowhere.get(), 1}, {words->write.get(), 2}, {manifest->write.get(), 3}};
  auto child = start_child(request);
  if (!child) {
    probe->ended_ = true;
    return child.error();
  }
  probe->child_ = *std::move(child);
  probe->manifest_fd_ = std::move(manifest->read);
  probe->stderr_fd_ = std::move(words->read);
  return Result<std::unique_ptr<Probe>>(std::move(probe));
}

void Probe::watch(std::vector<pollfd>& into) const {
  for (const UniqueFd* fd : {&manifest_fd_, &stderr_fd_, &child_.pidfd}) {
    if (*fd) into.push_back({fd->get(), POLLIN, 0});
  }
}

// Reads until nothing is there; closes the descriptor when its last writer is gone.
void drain(UniqueFd& fd, std::string& into, std::size_t limit) {
  std::array<char, 16384> bytes{};
  while (fd && into.size() <= limit) {
    const ssize_t got = read(fd.get(), bytes.data(), bytes.size());
    if (got < 0) return;
    if (got == 0) fd.reset();
    into.append(bytes.data(), static_cast<std::size_t>(got));
  }
}

void Probe::read_pipes() {
  drain(manifest_fd_, manifest_, kMaxManifestBytes);
  drain(stderr_fd_, last_words_, kMaxManifestBytes);
  if (last_words_.size() > kLastWords) last_words_.erase(0, last_words_.size() - kLastWords);
}

bool Probe::advance(BootTime now) {
  pollfd ended{child_.pidfd.get(), POLLIN, 0};
  const bool gone = poll(&ended, 1, 0) == 1;
  read_pipes();
  too_late_ = !gone && now >= deadline_;
  if (!gone && !too_late_ && manifest_.size() <= kMaxManifestBytes) return false;
  end();
  return true;
}

// The whole session goes: the plugin may have left something behind. The child is not reaped before, so its number is
// still its own.
void Probe::end() {
  kill(-child_.pid, SIGKILL);
  kill(child_.pid, SIGKILL);
  how_ = wait_child(child_);
  ended_ = true;
}

Error Probe::failed(const std::string& what, const std::string& hint) const {
  std::string said = last_words_;
  while (!said.empty() && said.back() == '\n') said.pop_back();
  const std::string told = said.empty() ? what : what + "; it said: " + log::escaped(said);
  return {Code::invalid, plugin_.path + ": " + told, hint};
}

Result<Manifest> Probe::result() const {
  if (too_late_) {
    return failed("it did not load within " + std::to_string(timeout_.count() / 1000) + " ms and was killed",
                  "A plugin must not wait for anything in its constructors or init().");
  }
  if (manifest_.size() > kMaxManifestBytes) return failed("its manifest is larger than 4 MiB", {});
  if (how_.signalled || how_.code != 0) {
    return failed("it " + describe(how_) + " while it was loaded", "Look at its constructors and its init().");
  }
  if (manifest_.empty()) {
    return failed("it ended the process by itself while it was loaded", "Look for exit() in its constructors.");
  }
  auto manifest = manifest_from_json(manifest_);
  if (!manifest) return failed("it disturbed its own manifest", "Look for writes to descriptors that are not its own.");
  if (!manifest->refused.empty()) return Error{Code::invalid, manifest->refused, manifest->hint};
  manifest->digest = plugin_.digest;
  return manifest;
}

// Waits until one of them has something to say, or its time is over. False when all of it is to be abandoned.
bool wait_for_any(const std::vector<std::unique_ptr<Probe>>& running, int abandon_fd) {
  std::vector<pollfd> watched{{abandon_fd, POLLIN, 0}};
  BootTime first = BootTime::max();
  for (const auto& probe : running) {
    if (!probe) continue;
    probe->watch(watched);
    first = std::min(first, probe->deadline());
  }
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(first - system_clock().boot()).count();
  poll(watched.data(), watched.size(), static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000)));
  return watched.front().revents == 0;
}

// The results, in the order of the paths.
std::vector<Result<Manifest>> probe_all(const std::string& host_program, const std::vector<PluginFile>& plugins,
                                        Micros timeout, std::size_t at_once, int abandon_fd) {
  const Error abandoned{Code::interrupted, "it was not read to the end", {}};
  std::vector<Result<Manifest>> results(plugins.size(), abandoned);
  std::vector<std::unique_ptr<Probe>> probes(plugins.size());
  std::size_t next = 0;
  std::size_t running = 0;
  while (next < plugins.size() || running > 0) {
    while (next < plugins.size() && running < std::max<std::size_t>(at_once, 1)) {
      auto probe = Probe::start(host_program, plugins[next], timeout);
      if (probe) {
        probes[next] = *std::move(probe);
        ++running;
      } else {
        results[next] = probe.error().in(plugins[next].path);
      }
      ++next;
    }
    if (running == 0) continue;
    if (!wait_for_any(probes, abandon_fd)) return results;
    const BootTime now = system_clock().boot();
    for (std::size_t i = 0; i < next; ++i) {
      if (!probes[i] || !probes[i]->advance(now)) continue;
      results[i] = probes[i]->result();
      probes[i].reset();
      --running;
    }
  }
  return results;
}

}  // namespace

Result<Manifest> probe_plugin(const std::string& host_program, const PluginFile& plugin, Micros timeout) {
  return std::move(probe_all(host_program, {plugin}, timeout, 1, -1).front());
}

std::vector<Manifest> probe_plugins(const std::string& host_program, const std::vector<PluginFile>& plugins,
                                    Micros timeout, std::size_t at_once, int abandon_fd) {
  std::vector<Manifest> manifests;
  std::vector<Result<Manifest>> results = probe_all(host_program, plugins, timeout, at_once, abandon_fd);
  for (std::size_t i = 0; i < results.size(); ++i) {
    manifests.push_back(results[i] ? *std::move(results[i]) : refusal(plugins[i].path, results[i].error()));
    manifests.back().digest = plugins[i].digest;
  }
  return manifests;
}

}  // namespace flowrra
