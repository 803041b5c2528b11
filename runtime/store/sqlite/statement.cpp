#include "store/sqlite/statement.hpp"

#include <sqlite3.h>

#include "store/sqlite/connection.hpp"

namespace flowrra::sqlite {

Rows::~Rows() { sqlite3_reset(statement_); }

bool Rows::next() {
  if (statement_ == nullptr || connection_.failed()) return false;
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) connection_.fail(code);
  return false;
}

bool Rows::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
std::int64_t Rows::integer(int column) const { return sqlite3_column_int64(statement_, column); }
double Rows::real(int column) const { return sqlite3_column_double(statement_, column); }
std::string Rows::text(int column) const { return std::string(view(column)); }

std::string_view Rows::view(int column) const {
  const void* bytes = sqlite3_column_blob(statement_, column);  // as a text it would be copied, for the byte behind it
  if (bytes == nullptr) return {};
  return {static_cast<const char*>(bytes), static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::optional<WallTime> Rows::time(int column) const {
  if (is_null(column)) return std::nullopt;
  return wall_from_micros(integer(column));
}

Statement::~Statement() { sqlite3_finalize(statement_); }

bool Statement::prepare() {
  if (connection_.failed()) return false;
  const int code = make();
  if (code != SQLITE_OK) connection_.fail(code);
  return code == SQLITE_OK;
}

int Statement::make() {
  if (statement_ != nullptr) return SQLITE_OK;
  return sqlite3_prepare_v3(connection_.handle(), sql_, -1, SQLITE_PREPARE_PERSISTENT, &statement_, nullptr);
}

bool Statement::try_to_run() {
  if (make() != SQLITE_OK) return false;
  sqlite3_step(statement_);
  return sqlite3_reset(statement_) == SQLITE_OK;
}

int Statement::run(const std::vector<std::int64_t>& values) {
  if (!prepare()) return 0;
  int index = 0;
  for (const std::int64_t value : values) bind(++index, value);
  return finish();
}

int Statement::finish() {
  int code = sqlite3_step(statement_);
  while (code == SQLITE_ROW) code = sqlite3_step(statement_);
  if (code != SQLITE_DONE) connection_.fail(code);
  sqlite3_reset(statement_);
  return code == SQLITE_DONE ? sqlite3_changes(connection_.handle()) : 0;
}

bool Statement::finish_unique() {
  const int code = sqlite3_step(statement_);
  if (code != SQLITE_DONE && code != SQLITE_CONSTRAINT_UNIQUE) connection_.fail(code);
  sqlite3_reset(statement_);
  return code == SQLITE_DONE;
}

void Statement::bind(int index, std::nullptr_t) { sqlite3_bind_null(statement_, index); }
void Statement::bind(int index, std::int64_t value) { sqlite3_bind_int64(statement_, index, value); }
void Statement::bind(int index, double value) { sqlite3_bind_double(statement_, index, value); }

void Statement::bind(int index, std::string_view value) {
  const char* bytes = value.data() == nullptr ? "" : value.data();  // a null pointer would bind NULL
  const int code = sqlite3_bind_text64(statement_, index, bytes, value.size(), SQLITE_STATIC, SQLITE_UTF8);
  if (code != SQLITE_OK) connection_.fail(code);
}

}  // namespace flowrra::sqlite
