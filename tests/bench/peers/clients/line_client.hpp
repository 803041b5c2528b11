#pragma once

#include <chrono>
#include <functional>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

// What the driver says to every client, a line at a time, and gets a line of JSON for:
//   one N      submit N tasks, each acknowledged before the next       {"seconds": S}
//   bulk N     submit N tasks the fastest way there is                 {"seconds": S}
//   drain N    wait until N tasks are done, the worker starts          {"tasks": n, "seconds": S}
//              meanwhile; n of them were done S after the first
//   latency N  submit a task and wait for what it gives, N times       {"ms": […]}
//   check N    say how many results there are                          {"count": n}
namespace flowrra::bench {

using Clock = std::chrono::steady_clock;

inline const std::string kArgument = "0123456789abcdef0123456789abcdef";

inline double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

inline std::string seconds_of(const std::function<void()>& work) {
  const auto begin = Clock::now();
  work();
  return "{\"seconds\": " + std::to_string(seconds_since(begin)) + "}";
}

inline std::string drained(int tasks, Clock::time_point begin) {
  return "{\"tasks\": " + std::to_string(tasks) + ", \"seconds\": " + std::to_string(seconds_since(begin)) + "}";
}

// Waits until `done()` says so many, for systems that tell nobody when a task is done: it is asked every five
// milliseconds, as any client of theirs would have to.
inline std::string drain(int count, const std::function<int()>& done) {
  constexpr auto kBetweenLooks = std::chrono::milliseconds(5);
  int first = 0;
  while ((first = done()) == 0) std::this_thread::sleep_for(kBetweenLooks);
  const auto begin = Clock::now();
  while (done() < count) std::this_thread::sleep_for(kBetweenLooks);
  return drained(count - first, begin);
}

inline std::string counted(int count) { return "{\"count\": " + std::to_string(count) + "}"; }

inline std::string milliseconds_of_each(int rounds, const std::function<void()>& work) {
  std::string out = "{\"ms\": [";
  for (int i = 0; i < rounds; ++i) {
    const auto begin = Clock::now();
    work();
    out += (i > 0 ? ", " : "") + std::to_string(seconds_since(begin) * 1e3);
  }
  return out + "]}";
}

// Answers until standard input ends.
inline void serve(const std::function<std::string(const std::string& what, int count)>& answer) {
  std::string what;
  for (int count = 0; std::cin >> what >> count;) std::cout << answer(what, count) << std::endl;
}

}  // namespace flowrra::bench
