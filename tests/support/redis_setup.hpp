#pragma once

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "support/redis_place.hpp"
#include "support/text.hpp"

// What the tests of how a Redis server is reached share.
namespace flowrra::test {

inline Setup setup_of(const std::string& url, const std::string& lines = "") {
  Setup out;
  out.plugins = {fixture("faulty.so")};
  out.broker = url;
  out.broker_more = lines;
  out.executor = RedisPlace::kExecutor + std::string("start_timeout = 1.0\n");
  return out;
}

inline void check_that_it_works(const Workplace& place) {
  auto node = place.node();
  BOOST_TEST(place.ended(place.submit({"faulty.cpu_echo", "1"}))["state"] == "success");
  BOOST_TEST(place.flowrra({"doctor"}).code() == 0);
}

// Each of these ends with this code and says so.
inline void check_that_it_is_refused(const Workplace& place, int code, const std::string& message,
                                     const std::string& hint) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"submit", "faulty.cpu_echo", "1"}, {"run"}, {"ps"}, {"result", "any"}, {"nodes"}}) {
    const Outcome outcome = place.flowrra(words);
    BOOST_TEST(outcome.code() == code, words[0] << ": " << outcome.err);
    BOOST_TEST(has(outcome.err, message), words[0] << ": " << outcome.err);
    BOOST_TEST(has(outcome.err, hint), words[0] << ": " << outcome.err);
  }
}

inline std::vector<std::string> split(const std::string& line) {
  std::istringstream words(line);
  std::vector<std::string> out;
  for (std::string word; words >> word;) out.push_back(word);
  return out;
}

}  // namespace flowrra::test
