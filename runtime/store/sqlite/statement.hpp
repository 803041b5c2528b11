#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/clock.hpp"

struct sqlite3_stmt;

namespace flowrra::sqlite {

class Connection;

// The rows of one run of a statement, one after the other; resets the statement at its end. Texts are copied out.
class Rows {
 public:
  Rows(Connection& connection, sqlite3_stmt* statement) : connection_(connection), statement_(statement) {}
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;
  ~Rows();

  // Steps to the next row; false at the end, and when it failed (the connection keeps the error).
  bool next();

  // Columns of the current row, counted from 0.
  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] int small(int column) const { return static_cast<int>(integer(column)); }
  [[nodiscard]] double real(int column) const;
  [[nodiscard]] std::string text(int column) const;
  [[nodiscard]] std::string_view view(int column) const;  // until the next step
  [[nodiscard]] std::optional<WallTime> time(int column) const;

 private:
  Connection& connection_;
  sqlite3_stmt* statement_;
};

// One SQL statement, prepared at its first use and kept. Failures are kept by the connection (see there), and a
// statement of a failed connection does nothing.
class Statement {
 public:
  // `sql` outlives the statement.
  Statement(Connection& connection, const char* sql) : connection_(connection), sql_(sql) {}
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();

  // Prepares it before it is used: outside of the store's lock, if it is needed inside. A failure is kept.
  void prepare_early() { prepare(); }

  // Binds the parameters ?1, ?2, … and runs the statement to its end; the number of rows it changed.
  template <typename... Values>
  int run(const Values&... values) {
    return prepare() && bind_all(values...) ? finish() : 0;
  }

  // The same with as many values as there are parameters.
  int run(const std::vector<std::int64_t>& values);

  // The same with the values of many rows, one row after the other, for an INSERT of as many: all of them, or none.
  // False where one breaks a UNIQUE constraint; that is no failure.
  template <typename... Values>
  bool insert(std::span<const std::tuple<Values...>> rows) {
    if (!prepare()) return false;
    int index = 0;
    for (const auto& row : rows) {
      std::apply([&](const auto&... values) { (bind(++index, values), ...); }, row);
    }
    return finish_unique();
  }

  // Runs one without parameters, whatever has failed before. False where that cannot be; nothing is kept of it.
  bool try_to_run();

  // Binds the parameters and gives the rows. Texts are not copied: they outlive the rows.
  template <typename... Values>
  Rows query(const Values&... values) {
    return {connection_, start(values...)};
  }

  // The same for a Rows that is made in place elsewhere.
  template <typename... Values>
  sqlite3_stmt* start(const Values&... values) {
    return prepare() && bind_all(values...) ? statement_ : nullptr;
  }

 private:
  bool prepare();
  int make();
  int finish();
  bool finish_unique();
  template <typename... Values>
  bool bind_all(const Values&... values) {
    int index = 0;
    (bind(++index, values), ...);
    return true;
  }
  void bind(int index, std::nullptr_t);
  void bind(int index, std::int64_t value);
  void bind(int index, int value) { bind(index, std::int64_t{value}); }
  void bind(int index, double value);
  void bind(int index, std::string_view value);
  void bind(int index, const std::string& value) { bind(index, std::string_view(value)); }
  void bind(int index, BootTime value) { bind(index, value.time_since_epoch().count()); }
  void bind(int index, WallTime value) { bind(index, to_micros(value)); }
  template <typename T>
  void bind(int index, const std::optional<T>& value) {
    value ? bind(index, *value) : bind(index, nullptr);
  }

  Connection& connection_;
  const char* sql_;
  sqlite3_stmt* statement_ = nullptr;
};

// A text that is stored as NULL when it is empty.
inline std::optional<std::string_view> or_null(std::string_view text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

}  // namespace flowrra::sqlite
