#include "submit_batch.hpp"

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <future>
#include <iostream>
#include <map>

#include "app/batch.hpp"
#include "app/record_json.hpp"
#include "base/log.hpp"
#include "base/units.hpp"
#include "exit_code.hpp"

namespace flowrra::cli {
namespace {

constexpr std::size_t kChunk = 2000;                  // lines of one transaction
constexpr std::size_t kChunkBytes = 8 * 1024 * 1024;  // or so many bytes
constexpr std::size_t kMaxLine = 1024 * 1024;         // bytes
constexpr Micros kRedraw = std::chrono::milliseconds(100);

// The lines of one transaction: what is to be queued, and the fate of each.
struct Chunk {
  struct Line {
    std::uint64_t number = 0;
    std::string id;
    Status fate;  // until it is queued: whether it may be
  };
  std::vector<Line> lines;
  std::vector<NewTask> tasks;        // of the lines that may be queued, in order
  std::vector<std::size_t> line_of;  // index of each task's line
  std::uint64_t bytes = 0;
  [[nodiscard]] bool full() const { return lines.size() >= kChunk || bytes >= kChunkBytes; }
};

// How far it is, on a terminal: lines, rate and, where the input's size is known, what is left.
class ProgressBar {
 public:
  explicit ProgressBar(std::uint64_t total_bytes)
      : shown_(isatty(STDERR_FILENO) == 1), total_(total_bytes), start_(system_clock().boot()) {}
  ~ProgressBar() { clear(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void update(std::uint64_t lines, std::uint64_t bytes) {
    const BootTime now = system_clock().boot();
    if (!shown_ || now - drawn_ < kRedraw) return;
    drawn_ = now;
    const double seconds = std::chrono::duration<double>(now - start_).count();
    std::string text = fmt::format("\r\033[K{} lines, {:.0f}/s", lines, static_cast<double>(lines) / seconds);
    if (total_ > 0 && bytes > 0) {
      const double done = std::min(1.0, static_cast<double>(bytes) / static_cast<double>(total_));
      const auto width = static_cast<std::size_t>(done * 30);
      text += fmt::format(" [{:<30}] {:.0f} %", std::string(width, '='), done * 100);
      if (const auto left = from_seconds(seconds / done - seconds)) {
        text += ", " + to_text(std::chrono::ceil<std::chrono::seconds>(*left)) + " left";
      }
    }
    std::fwrite(text.data(), 1, text.size(), stderr);
    drawn_once_ = true;
  }
  void clear() {
    if (drawn_once_) std::fputs("\r\033[K", stderr);
    drawn_once_ = false;
  }

 private:
  bool shown_;
  bool drawn_once_ = false;
  std::uint64_t total_;
  BootTime start_;
  BootTime drawn_{};
};

std::uint64_t size_of(const std::string& file) {
  struct stat about {};
  if (file == "-" || stat(file.c_str(), &about) != 0 || !S_ISREG(about.st_mode)) return 0;
  return static_cast<std::uint64_t>(about.st_size);
}

// Reads and checks on this thread while the chunk before is being queued on another: each has a client of its own.
class Batch {
 public:
  Batch(std::unique_ptr<Client> reader, std::unique_ptr<Client> writer, Format format, BatchRequest request)
      : reader_(std::move(reader)),
        writer_(std::move(writer)),
        format_(format),
        request_(std::move(request)),
        bar_(size_of(request_.file)) {}

  Result<int> run(std::istream& in) {
    for (;;) {
      Chunk next = read_chunk(in);
      if (auto done = finish_push(); !done) return done.error();
      if (next.lines.empty()) break;
      pushing_ = std::make_unique<Chunk>(std::move(next));
      push_ = std::async(std::launch::async, [this] { return push(*writer_, *pushing_); });
    }
    bar_.clear();
    finish_output();
    return refused_ > 0 ? kRejected : kOk;
  }

 private:
  Chunk read_chunk(std::istream& in) {
    Chunk chunk;
    std::string text;
    while (!chunk.full() && std::getline(in, text)) {
      ++number_;
      chunk.bytes += text.size() + 1;
      if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
      read_line(text, chunk);
    }
    return chunk;
  }

  void read_line(const std::string& text, Chunk& chunk) {
    Chunk::Line line{number_, {}, {}};
    auto task = text.size() > kMaxLine ? Result<NewTask>(Error{Code::too_large, "longer than 1 MiB", {}})
                                       : read_batch_line(text, request_.defaults);
    if (task && !request_.defaults.id.empty() && task->id == request_.defaults.id) {
      task->id += "-" + std::to_string(number_);
    }
    line.fate = task ? check(*task) : Status(task.error());
    if (line.fate) {
      line.id = task->id;
      chunk.line_of.push_back(chunk.lines.size());
      chunk.tasks.push_back(*std::move(task));
    }
    chunk.lines.push_back(std::move(line));
  }

  struct Known {
    Result<TaskSpec> spec;
    std::optional<ArgsCheck> check;
  };

  Status check(NewTask& task) {
    auto found = known_.find(task.name);
    if (found == known_.end()) {
      Known fresh{reader_->spec(task.name), {}};
      if (fresh.spec) fresh.check.emplace(fresh.spec->schema, fresh.spec->arguments);
      found = known_.emplace(task.name, std::move(fresh)).first;
    }
    const Known& known = found->second;
    if (!known.spec && !(request_.unchecked && known.spec.error().code == Code::not_found)) return known.spec.error();
    if (known.spec) task.kind = known.spec->kind;
    return complete(task, known.check ? &*known.check : nullptr);
  }

  static Status push(Client& client, Chunk& chunk) {
    if (chunk.tasks.empty()) return {};
    auto fates = client.submit_many(chunk.tasks);
    if (!fates) return fates.error();
    for (std::size_t i = 0; i < fates->size(); ++i) chunk.lines[chunk.line_of[i]].fate = (*fates)[i];
    return {};
  }

  // Waits for the chunk that is being queued and prints what became of it.
  Status finish_push() {
    if (!pushing_) return {};
    const Status pushed = push_.get();
    const std::unique_ptr<Chunk> chunk = std::move(pushing_);
    if (!pushed) {
      bar_.clear();
      Error error = pushed.error();
      error.message = "line " + std::to_string(chunk->lines.front().number) +
                      " and those after it are not known to be queued: " + error.message;
      error.hint += std::string(error.hint.empty() ? "" : " ") +
                    "Lines with ids of their own can be submitted again: none is queued twice.";
      return error;
    }
    for (const Chunk::Line& line : chunk->lines) print_fate(line);
    bytes_ += chunk->bytes;
    bar_.update(chunk->lines.back().number, bytes_);
    return {};
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
    const std::string item =
        fmt::format(R"({{"line":{},"id":{},"outcome":{},"error":{}}})", line.number,
                    line.id.empty() ? "null" : json_string(line.id), queued ? R"("queued")" : R"("refused")",
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

  std::unique_ptr<Client> reader_;
  std::unique_ptr<Client> writer_;
  Format format_;
  BatchRequest request_;
  ProgressBar bar_;
  std::map<std::string, Known> known_;
  std::uint64_t number_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t refused_ = 0;
  std::vector<std::string> items_;
  std::unique_ptr<Chunk> pushing_;
  std::future<Status> push_;  // last: it is waited for before what it works on goes
};

}  // namespace

Result<int> submit_batch(const Shell& shell, BatchRequest request) {
  std::ifstream file;
  if (request.file != "-") {
    file.open(request.file);
    if (!file)
      return Error{Code::not_found, "cannot open " + log::escaped(request.file) + ": " + errno_text(errno), {}};
  }
  auto reader = shell.client();
  if (!reader) return reader.error();
  auto writer = shell.client();
  if (!writer) return writer.error();
  std::istream& in = request.file == "-" ? std::cin : file;
  Batch batch(*std::move(reader), *std::move(writer), *shell.format(), std::move(request));
  return batch.run(in);
}

}  // namespace flowrra::cli
