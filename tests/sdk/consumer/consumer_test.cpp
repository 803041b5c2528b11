#include <flowrra/testing.hpp>

int main() {
  const flowrra::testing::Bench bench;
  return bench.task("consumer.add", "[2, 3]").json == "5" && bench.task("consumer.shout", "[\"x\"]").json == "\"x!\""
             ? 0
             : 1;
}
