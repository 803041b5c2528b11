#include "submit_batch.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <future>
#include <map>

#include "app/batch.hpp"
#include "app/batch_pace.hpp"
#include "app/record_json.hpp"
#include "base/fd.hpp"
#include "base/interrupt.hpp"
#include "base/log.hpp"
#include "exit_code.hpp"
#include "line_reader.hpp"
#include "progress_bar.hpp"

namespace flowrra::cli {
namespace {

constexpr std::size_t kChunkBytes = 8 * 1024 * 1024;  // of one transaction, or as many lines as BatchPace says

// The lines of one transaction: what is to be queued, and the fate of each.
struct Chunk {
  struct Line {
    std::uint64_t number = 0;
    std::string id;
    Status fate;  // until it is queued: whether it may be
    bool existed = false;
  };
  std::vector<Line> lines;
  std::vector<NewTask> tasks;        // of the lines that may be queued, in order
  std::vector<std::size_t> line_of;  // index of each task's line
  std::uint64_t bytes = 0;
  Micros took{0};
};

std::uint64_t size_of(const std::string& file) {
  struct stat about {};
  if (file == "-" || stat(file.c_str(), &about) != 0 || !S_ISREG(about.st_mode)) return 0;
  return static_cast<std::uint64_t>(about.st_size);
}

// Reads and checks on this thread while the chunk before is being queued on another: each has a client of its own. A
// chunk is what has come while the one before was queued: lines of a slow input are queued as they come.
class Batch {
 public:
  Batch(Client& reader, Client& writer, Format format, BatchRequest request)
      : reader_(reader), writer_(writer), format_(format), request_(std::move(request)), bar_(size_of(request_.file)) {}

  Result<int> run(LineReader& in) {
    const Status queued = queue(in);
    const Status last = replace_push({});
    bar_.clear();
    finish_output();
    if (!last) return last.error();
    if (!queued) return queued.error();
    return refused_ > 0 ? kRejected : kOk;
  }

 private:
  // Up to the input's end, or to what cuts the batch short. The last chunk may be under way still.
  Status queue(LineReader& in) {
    for (;;) {
      Chunk next;
      const auto state = read_chunk(in, next);
      if (auto done = replace_push(std::move(next)); !done) return done;
      if (!state) return state.error();
      if (*state == LineReader::Next::interrupted) return cut_short({Code::interrupted, "interrupted", {}}, in);
      if (*state == LineReader::Next::end) return {};
    }
  }

  static Error cut_short(Error error, const LineReader& in) {
    error.message += "; the batch ends after line " + std::to_string(in.number());
    return error;
  }

  Result<LineReader::Next> read_chunk(LineReader& in, Chunk& chunk) {
    const std::uint64_t begin = in.bytes();
    while (chunk.lines.size() < pace_.tasks() && chunk.bytes < kChunkBytes) {
      auto state = in.next(chunk.lines.empty() && !pushing_);
      if (!state) return cut_short(state.error(), in);
      if (*state != LineReader::Next::line) return state;
      chunk.bytes = in.bytes() - begin;
      if (!in.too_long() && in.text().find_first_not_of(" \t\r") == std::string_view::npos) continue;
      if (auto read = read_line(in, chunk); !read) return read.error();
    }
    return LineReader::Next::line;
  }

  // An error: the store does not say whether this line may be queued.
  Status read_line(const LineReader& in, Chunk& chunk) {
    Chunk::Line line{in.number(), {}, {}, false};
    auto task = in.too_long() ? Result<NewTask>(Error{Code::too_large, "longer than 1 MiB", {}})
                              : read_batch_line(in.text(), request_.defaults);
    if (task && !request_.defaults.id.empty() && task->id == request_.defaults.id) {
      task->id += "-" + std::to_string(in.number());
    }
    if (task) {
      auto checked = check(*task, look_up(task->name));
      if (!checked) return not_asked(checked.error(), in.number());
      line.fate = *checked;
    } else {
      line.fate = task.error();
    }
    if (line.fate) {
      line.id = task->id;
      chunk.line_of.push_back(chunk.lines.size());
      chunk.tasks.push_back(*std::move(task));
    }
    chunk.lines.push_back(std::move(line));
    return {};
  }

  static Error not_asked(Error error, std::uint64_t number) {
    error.message = "line " + std::to_string(number) + " and those after it are not queued: " + error.message;
    return error;
  }

  struct Known {
    Result<CheckedSpec> version;
    std::optional<std::vector<CheckedSpec>> others = {};  // versions that other nodes have, once they were looked for
  };

  Known& look_up(const std::string& name) {
    auto found = known_.find(name);
    if (found == known_.end()) {
      auto spec = reader_.spec(name);
      Known fresh{spec ? Result<CheckedSpec>(CheckedSpec(*std::move(spec))) : spec.error()};
      found = known_.emplace(name, std::move(fresh)).first;
    }
    return found->second;
  }

  // Whether it may be queued. An error: the store does not say.
  Result<Status> check(NewTask& task, Known& known) {
    if (!known.version && known.version.error().code != Code::not_found) return known.version.error();
    if (!known.version) return request_.unchecked ? complete(task, nullptr) : Status(known.version.error());
    task.kind = known.version->spec.kind;
    Status own = complete(task, &known.version->check);
    if (own || own.error().code != Code::invalid) return own;
    if (auto found = find_others(known); !found) return found.error();
    for (const CheckedSpec& other : *known.others) {
      if (!complete(task, &other.check)) continue;
      task.kind = other.spec.kind;
      return Status();
    }
    return own;
  }

  Status find_others(Known& known) {
    if (known.others) return {};
    auto versions = reader_.versions_beside(known.version->spec);
    if (!versions) return versions.error();
    known.others.emplace();
    for (TaskSpec& each : *versions) known.others->emplace_back(std::move(each));
    return {};
  }

  // Waits for the chunk that is being queued, begins the next, and then prints what became of the first.
  Status replace_push(Chunk next) {
    auto pushed = await_push();
    if (!pushed) return pushed.error();
    if (!next.lines.empty()) {
      pushing_ = std::make_unique<Chunk>(std::move(next));
      push_ = std::async(std::launch::async, [this] { return push(writer_, *pushing_); });
    }
    if (*pushed) print_fates(**pushed);
    return {};
  }

  static Status push(Client& client, Chunk& chunk) {
    if (chunk.tasks.empty()) return {};
    const BootTime begin = system_clock().boot();
    auto fates = client.submit_many(chunk.tasks);
    if (!fates) return fates.error();
    chunk.took = system_clock().boot() - begin;
    for (std::size_t i = 0; i < fates->size(); ++i) {
      const Result<PushOutcome>& fate = (*fates)[i];
      Chunk::Line& line = chunk.lines[chunk.line_of[i]];
      line.existed = fate && *fate == PushOutcome::exists;
      if (!fate) line.fate = fate.error();
    }
    return {};
  }

  // The chunk that was being queued, once it is; nothing where none was.
  Result<std::unique_ptr<Chunk>> await_push() {
    if (!pushing_) return std::unique_ptr<Chunk>();
    const Status pushed = push_.get();
    std::unique_ptr<Chunk> chunk = std::move(pushing_);
    if (!pushed) {
      bar_.clear();
      Error error = pushed.error();
      error.message = "line " + std::to_string(chunk->lines.front().number) +
                      " and those after it are not known to be queued: " + error.message;
      error.hint += std::string(error.hint.empty() ? "" : " ") +
                    "Lines with ids of their own can be submitted again: none is queued twice.";
      return error;
    }
    if (!chunk->tasks.empty()) pace_.learn(chunk->took);
    return chunk;
  }

  void print_fates(const Chunk& chunk) {
    for (const Chunk::Line& line : chunk.lines) print_fate(line);
    std::fflush(stdout);
    bytes_ += chunk.bytes;
    bar_.update(chunk.lines.back().number, bytes_);
  }

  void print_fate(const Chunk::Line& line) {
    const bool queued = line.fate.ok();
    if (!queued) {
      ++refused_;
      bar_.clear();
      const Error& error = line.fate.error();
      const std::string text = fmt::format("flowrra: line {}: {}{}\n", line.number, log::escaped(error.message),
                                           error.hint.empty() ? "" : ". " + log::escaped(error.hint));
      std::fwrite(text.data(), 1, text.size(), stderr);
    }
    if (format_ == Format::table || format_ == Format::wide || format_ == Format::id) {
      if (queued) print_line(line.id);
      return;
    }
    const std::string item = fmt::format(R"({{"line":{},"id":{},"outcome":"{}","error":{}}})", line.number,
                                         line.id.empty() ? "null" : json_string(line.id),
                                         !queued        ? "refused"
                                         : line.existed ? "exists"
                                                        : "queued",
                                         queued ? "null" : error_object(line.fate.error()));
    if (format_ == Format::jsonl) {
      print_line(item);
    } else {
      items_.push_back(item);
    }
  }

  static std::string error_object(const Error& error) {
    return "{\"code\":" + json_string(name(error.code)) + ",\"message\":" + json_string(error.message) + "}";
  }

  void finish_output() {
    if (format_ == Format::json || format_ == Format::yaml) print_items(format_, items_, {});
  }

  Client& reader_;
  Client& writer_;
  Format format_;
  BatchRequest request_;
  ProgressBar bar_;
  std::map<std::string, Known> known_;
  std::uint64_t bytes_ = 0;
  std::uint64_t refused_ = 0;
  BatchPace pace_;
  std::vector<std::string> items_;
  std::unique_ptr<Chunk> pushing_;
  std::future<Status> push_;  // last: it is waited for before what it works on goes
};

}  // namespace

Result<int> submit_batch(const Shell& shell, BatchRequest request) {
  UniqueFd file;
  const bool standard = request.file == "-";
  if (!standard) {
    file.reset(::open(request.file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!file)
      return Error{Code::not_found, "cannot open " + log::escaped(request.file) + ": " + errno_text(errno), {}};
  }
  const Interrupt interrupt;
  LineReader in(standard ? STDIN_FILENO : file.get(), standard ? "standard input" : request.file, interrupt.fd());
  auto reader = shell.client();
  if (!reader) return reader.error();
  auto writer = shell.client();
  if (!writer) return writer.error();
  Batch batch(**reader, **writer, *shell.format(), std::move(request));
  return batch.run(in);
}

}  // namespace flowrra::cli
