#include "store/sqlite/stale.hpp"

#include "store/sqlite/connection.hpp"

namespace flowrra::sqlite {
namespace {

struct Kind {
  std::string_view name;
  std::int64_t StaleCounts::*count;
};
constexpr Kind kKinds[] = {{"stale_settlements", &StaleCounts::settlements},
                           {"stale_progress", &StaleCounts::progress},
                           {"stale_heartbeats", &StaleCounts::heartbeats}};

}  // namespace

Stale::Stale(Connection& connection)
    : add_(connection,
           "INSERT INTO counter (name, count) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET count = count + ?2"),
      read_(connection, "SELECT name, count FROM counter") {}

void Stale::add(const StaleCounts& refused) {
  for (const Kind& kind : kKinds) {
    if (refused.*kind.count > 0) add_.run(kind.name, refused.*kind.count);
  }
}

StaleCounts Stale::read() {
  StaleCounts out;
  Rows rows = read_.query();
  while (rows.next()) {
    for (const Kind& kind : kKinds) {
      if (rows.view(0) == kind.name) out.*kind.count = rows.integer(1);
    }
  }
  return out;
}

}  // namespace flowrra::sqlite
