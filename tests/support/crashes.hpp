#pragma once

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "support/workplace.hpp"

namespace flowrra::test {

// Submits so many tasks that kill their host and may not be tried again, each the line of a batch that `line_of` makes
// of its number; every one of them has to fail, charged with one crash. Their ids are `prefix`-1, ….
template <typename LineOf>
void crash_often(const Workplace& workplace, const std::string& prefix, int count, LineOf line_of) {
  Command command = workplace.command({"submit", "--batch", "-", "--id", prefix});
  for (int i = 0; i < count; ++i) command.input += line_of(i).dump() + "\n";
  BOOST_REQUIRE(run(command).code() == 0);
  for (int i = 1; i <= count; ++i) {
    const nlohmann::json record = workplace.ended(prefix + "-" + std::to_string(i));
    BOOST_REQUIRE(record["state"] == "failed");
    BOOST_REQUIRE(record["crashes"] == 1);
  }
}

}  // namespace flowrra::test
