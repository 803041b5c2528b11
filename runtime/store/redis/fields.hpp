#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "store/redis/reply.hpp"
#include "store/standing.hpp"
#include "task/task.hpp"

namespace flowrra::redis {

inline constexpr std::size_t kFields = 21;  // of a line

// A task as it is stored: docs/wire-format.md. What is called its line here has its arguments and its result behind it.
struct Stored {
  TaskRecord task;
  std::int64_t seq = 0;
  int refunds = 0;
  bool suspect = false;
  std::uint64_t counter = 0;
  SessionId session;       // that runs it
  std::string token;       // of the call that submitted it
  bool tombstone = false;  // its arguments and outcome are kept by another backend
  std::string damage;      // what of it cannot be read; empty when all can
};

// The texts that stand beside a task's line, nil where there is none.
struct Texts {
  ReplyView extra, error, progress, log;
};

Stored read_stored(const TaskId& id, std::string_view line, const Texts& texts);

// What a line says of the changes that a task goes through, and a line that says something else of them.
Standing standing_of(const Stored& stored);
void set_standing(Stored& stored, const Standing& standing);

// A line without its texts, in two parts. The field between them is when the task is due, or when it ended.
struct Line {
  std::string before;
  std::string after;
};
Line line_of(const Stored& stored);

// The line of a running task that was read before, in words: for who changes its standing and nothing else, and takes
// no more of it apart than that. Looks at the line, which must live as long.
class RunningLine {
 public:
  explicit RunningLine(std::string_view line);
  [[nodiscard]] std::string_view lane() const;
  [[nodiscard]] std::string_view args() const { return args_; }
  [[nodiscard]] Standing standing() const;
  // The line of a task that has ended, without its texts.
  [[nodiscard]] std::string with(const Standing& standing, const std::optional<Resources>& resources,
                                 bool tombstone) const;

 private:
  std::array<std::string_view, kFields> words_;
  std::string_view args_;
};

// The line of a task that has ended, with its texts, as a backend stores it. Its place in the order of arrival is
// given by the store.
std::string finished_line(const TaskRecord& record);

// Puts arguments, which stand on one line, and a result, if there is one, behind the last field of a line.
void add_texts(std::string& line, std::string_view args, std::string_view result);

// The same JSON in one line: a newline in it is space between its values.
std::string on_one_line(std::string_view json);

// The lane of a task: its queue and its name, or the version of it that alone may run it.
std::string lane_of(const std::string& queue, const std::string& name);

// Its member of the sorted set of pending tasks: they are in the order of arrival.
std::string place_of(const Stored& stored);

// What has a text of its own only where there is something to say; empty where there is nothing.
std::string extra_text(const TaskOptions& options, const std::vector<std::string>& tags);
std::string error_text(const std::optional<TaskError>& error);

// A node's name as one word, and '-' for none.
std::string word(std::string_view text);
std::string from_word(std::string_view word);

}  // namespace flowrra::redis
