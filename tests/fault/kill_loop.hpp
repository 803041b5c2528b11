#pragma once

#include <string>

#include "fault/verdict.hpp"

namespace flowrra::test {

// Nodes under a load, of which one after the other is killed.
struct KillLoop {
  std::string report;       // its name
  std::string broker = {};  // URL; empty: a SQLite file
  int kills = 0;
  unsigned shortest = 200;  // ms between kills, which are random
  unsigned longest = 1200;
  int longest_task = 600;   // ms; several must fit between two kills
  std::size_t calm = 1500;  // tasks without a fault, before, to compare with
};

inline constexpr double kKillLease = 2.0;  // seconds

// What came of it, which is reported, too. Leaves no node behind.
Verdict kill_often(const KillLoop& how);

}  // namespace flowrra::test
