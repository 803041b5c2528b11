#include "executor/crash_desk.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/log.hpp"
#include "host/crash_facts.hpp"

namespace flowrra {
namespace {

constexpr int kAreaFd = 3;

// A signal without a record was none that the host's handlers know, or had nobody to handle it.
std::string reason_without_record(const HostEnd& host) {
  const ChildEnd& end = host.end;
  if (!end.signalled) return "_exit() was called, or exec() of another program ended so";
  if (end.code == SIGKILL && host.broken != nullptr) return std::string("killed by the node: the host ") + host.broken;
  if (end.code == SIGKILL) return "killed from outside: by the kernel because memory ran out, or by somebody";
  return "the host left no record";
}

// Of what the host had loaded from there, by the digest that its private copy has in its name; empty: it was no copy.
std::string digest_of(const std::vector<PluginFile>& plugins, const std::string& file) {
  constexpr std::string_view kPrefix = "sha256:";
  const auto name = [](const std::string& path) { return path.substr(path.rfind('/') + 1); };
  const auto loaded = std::ranges::find_if(
      plugins, [&](const PluginFile& plugin) { return !plugin.copy.empty() && name(plugin.copy) == name(file); });
  if (loaded == plugins.end() || !loaded->digest.starts_with(kPrefix)) return {};
  return loaded->digest.substr(kPrefix.size());
}

std::string read_all(int fd) {
  std::string out(2 * kMaxCrashReport, '\0');
  std::size_t got = 0;
  while (got < out.size()) {
    const ssize_t part = ::read(fd, out.data() + got, out.size() - got);
    if (part < 0 && errno == EINTR) continue;
    if (part <= 0) break;
    got += static_cast<std::size_t>(part);
  }
  out.resize(got);
  return out;
}

}  // namespace

Crash crash_of(const HostEnd& end, const std::vector<PluginFile>& loaded, const std::string& task,
               std::vector<std::string> output) {
  Crash crash{end.end, task, {}, {}, false};
  CrashReport& report = crash.report;
  const auto header = end.crash != nullptr ? end.crash->header() : std::nullopt;
  if (header) report = crash_facts(*header);
  const bool recorded =
      header && (end.end.signalled ? report.signal == end.end.code : report.exit_code == end.end.code);
  if (!recorded) report = CrashReport{};
  if (end.end.signalled) {
    report.signal = end.end.code;
  } else {
    report.exit_code = end.end.code;
  }
  if (!recorded) report.reason = reason_without_record(end);
  report.output = std::move(output);
  if (end.crash == nullptr) return crash;
  crash.area = end.crash->duplicate();
  const auto plugins = end.crash->plugins();
  if (const CrashPlugin* plugin = plugin_of(plugins, task)) {
    report.plugin = plugin->name;
    report.plugin_version = plugin->version;
    report.plugin_sha256 = digest_of(loaded, plugin->file);
  }
  crash.known = !header && report.plugin.empty() == report.plugin_sha256.empty();
  if (recorded && header->pc != 0) {
    report.frames.push_back(raw_frame(parse_maps(end.crash->maps(*header)), plugins, header->pc));
  }
  return crash;
}

CrashDesk::CrashDesk(Loop& loop, const Clock& clock, std::string program)
    : loop_(loop), clock_(clock), program_(std::move(program)), due_(loop, [this] { on_due(); }) {}

CrashDesk::~CrashDesk() { dismiss(); }

void CrashDesk::examine(Crash crash, Done done) {
  std::string note;
  if (program_.empty()) note = "there is no flowrra-unwind to follow it";
  if (!crash.area) note = "the record could not be kept: there were no descriptors left";
  if (cases_.size() >= kMost) note = "too many hosts died at once to follow it";
  if (crash.known) note.clear();
  const bool follow = note.empty() && !crash.known;
  cases_.push_back({std::move(crash), std::move(done), clock_.boot() + kTime});
  if (follow) return next();
  Case last = std::move(cases_.back());
  cases_.pop_back();
  last.crash.report.stack_note = note;
  last.done(last.crash);
}

void CrashDesk::next() {
  while (!cases_.empty() && !examiner_) {
    if (cases_.front().due <= clock_.boot()) {
      answer("other crashes kept it from being followed in time");
    } else if (const Status started = start(); !started) {
      log::warning("crash report: " + started.error().message);
      answer(started.error().message);
    } else {
      due_.start(cases_.front().due - clock_.boot());
    }
  }
}

Status CrashDesk::start() {
  std::array<int, 2> fds{};
  if (pipe2(fds.data(), O_CLOEXEC) != 0) return Error{Code::internal, "pipe: " + errno_text(errno), {}};
  UniqueFd ours(fds[0]);
  const UniqueFd theirs(fds[1]);
  const Crash& crash = cases_.front().crash;
  ChildRequest request;
  request.program = program_;
  request.arguments = {crash.task};
  request.environment = clean_environment();
  request.fds = {{theirs.get(), STDOUT_FILENO}, {crash.area.get(), kAreaFd}};
  auto child = start_child(request);
  if (!child) return child.error();
  examiner_ = Examiner{*std::move(child), std::move(ours), nullptr, true};
  examiner_->ended = std::make_unique<Poll>(loop_, examiner_->child.pidfd.get(), [this](bool, bool) { on_ended(); });
  return {};
}

// Its whole report is in the pipe by now: it holds more than a report may have.
void CrashDesk::on_ended() {
  const ChildEnd end = wait_child(examiner_->child);
  const bool wanted = examiner_->wanted;
  fcntl(examiner_->output.get(), F_SETFL, O_NONBLOCK);
  auto examined = crash_report_from_json(wanted ? read_all(examiner_->output.get()) : std::string());
  examiner_.reset();
  if (wanted) {
    due_.stop();
    CrashReport& report = cases_.front().crash.report;
    std::string note = "flowrra-unwind " + describe(end);
    if (examined) {
      if (!examined->frames.empty()) report.frames = std::move(examined->frames);
      report.modules = std::move(examined->modules);
      if (report.plugin_sha256.empty()) report.plugin_sha256 = std::move(examined->plugin_sha256);
      note = std::move(examined->stack_note);
    }
    answer(note);
  }
  next();
}

void CrashDesk::on_due() {
  if (!examiner_ || !examiner_->wanted) return;
  examiner_->wanted = false;
  ::kill(examiner_->child.pid, SIGKILL);
  answer("it could not be followed in time");
}

void CrashDesk::answer(const std::string& note) {
  Case first = std::move(cases_.front());
  cases_.pop_front();
  first.crash.report.stack_note = note;
  first.done(first.crash);
}

void CrashDesk::give_up() {
  if (examiner_ && std::exchange(examiner_->wanted, false)) ::kill(examiner_->child.pid, SIGKILL);
  due_.stop();
  while (!cases_.empty()) answer("the node was stopped before it was followed");
}

void CrashDesk::dismiss() {
  if (!examiner_) return;
  ::kill(examiner_->child.pid, SIGKILL);
  wait_child(examiner_->child);
  examiner_.reset();
}

}  // namespace flowrra
