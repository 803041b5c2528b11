#include "node/journal.hpp"

#include <utility>

namespace flowrra {
namespace {

constexpr Micros kPause = std::chrono::milliseconds(200);

}  // namespace

Journal::Journal(Loop& loop, const Clock& clock, bool keep_whole, std::function<void()> ready)
    : keep_whole_(keep_whole), pulse_(clock), pause_(loop, std::move(ready)) {}

PartHealth Journal::health() const {
  PartHealth out = pulse_.health("journal");
  out.waiting = std::ssize(changed_);
  return out;
}

Journal::Entry& Journal::entry(const Lease& lease) {
  Entry& found = entries_[lease.task];
  found.lease = lease;
  if (!std::exchange(found.listed, true)) changed_.push_back(lease.task);
  if (!pause_.active()) pause_.start(kPause);
  return found;
}

void Journal::progressed(const Lease& lease, std::string progress) {
  Entry& found = entry(lease);
  found.progress = std::move(progress);
  found.progress_sent = false;
}

void Journal::logged(const Lease& lease, const LogLine& line) {
  Entry& found = entry(lease);
  std::string text = to_json_line(line);
  if (keep_whole_) found.whole.add(text);
  found.fresh.add(std::move(text));
}

void Journal::batch(std::vector<ProgressUpdate>& out) {
  if (pause_.active()) return;
  if (!changed_.empty()) pulse_.good();
  for (const TaskId& id : std::exchange(changed_, {})) {
    const auto found = entries_.find(id);
    if (found == entries_.end()) continue;
    Entry& said = found->second;
    said.listed = false;
    std::string log = said.unsent.empty() ? said.fresh.take() : appended_log(said.unsent, said.fresh.take());
    said.unsent.clear();
    out.push_back({said.lease, said.progress_sent ? std::string() : said.progress, std::move(log)});
    said.progress_sent = true;
  }
}

void Journal::put_back(std::vector<ProgressUpdate> batch) {
  for (ProgressUpdate& update : batch) {
    if (!entries_.contains(update.lease.task)) continue;
    Entry& said = entry(update.lease);
    if (!update.progress.empty()) said.progress_sent = false;
    said.unsent = said.unsent.empty() ? std::move(update.log) : appended_log(said.unsent, update.log);
  }
}

Journal::LastWords Journal::end(const TaskId& task) {
  const auto found = entries_.find(task);
  if (found == entries_.end()) return {};
  Entry& said = found->second;
  LastWords last;
  if (keep_whole_ || !said.progress_sent) last.progress = std::move(said.progress);
  last.log = keep_whole_            ? said.whole.take()
             : !said.unsent.empty() ? appended_log(said.unsent, said.fresh.take())
                                    : said.fresh.take();
  entries_.erase(found);
  return last;
}

}  // namespace flowrra
