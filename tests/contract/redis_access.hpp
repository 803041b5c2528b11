#pragma once

#include "bench.hpp"

namespace flowrra::test {

// A store in Redis whose keys can be looked at, and changed, as by another program.
class RedisBench : public Bench<Redis> {
 public:
  // A command whose first argument is a key without its prefix. What redis-cli prints, without the last newline.
  std::string cli(std::vector<std::string> words) {
    words[1] = "{" + folder().path().filename().string() + "}:" + words[1];
    return RedisServer::shared().cli(words);
  }
};

}  // namespace flowrra::test
