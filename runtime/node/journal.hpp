#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "executor/loop.hpp"
#include "node/pulse.hpp"
#include "store/broker.hpp"
#include "task/log_lines.hpp"

namespace flowrra {

// What running tasks say of themselves, on its way to the broker: how far they are, where the newest wins, and lines
// for their logs, of which the last kMaxLog bytes are kept. Goes out at most every 200 ms. All on the loop thread.
class Journal {
 public:
  // `keep_whole`: end() gives all that the attempt said, not only what no batch has carried. `ready` is called when
  // batch() has something.
  Journal(Loop& loop, const Clock& clock, bool keep_whole, std::function<void()> ready);

  void progressed(const Lease& lease, std::string progress);
  void logged(const Lease& lease, const LogLine& line);

  // Adds what is new, if it may go now.
  void batch(std::vector<ProgressUpdate>& out);
  // What the broker did not get, in the order in which it was given.
  void put_back(std::vector<ProgressUpdate> batch);

  struct LastWords {
    std::string progress;
    std::string log;
  };
  // The attempt has ended: what it said last. Nothing of it goes out any more.
  LastWords end(const TaskId& task);

  [[nodiscard]] PartHealth health() const;

 private:
  struct Entry {
    Lease lease;
    std::string progress;
    bool progress_sent = false;
    std::string unsent;  // lines of batches that failed
    LogTail fresh;
    LogTail whole;
    bool listed = false;  // in changed_
  };
  Entry& entry(const Lease& lease);

  bool keep_whole_;
  Pulse pulse_;
  std::unordered_map<TaskId, Entry> entries_;
  std::vector<TaskId> changed_;
  Timer pause_;
};

}  // namespace flowrra
