#include "executor/host_mark.hpp"

#include <signal.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>

#include "base/process_stat.hpp"

namespace flowrra {
namespace {

// "pid:[4026531836]" without what is not a digit.
std::string pid_space() {
  std::array<char, 64> text{};
  const auto size = readlink("/proc/self/ns/pid", text.data(), text.size());
  std::string out;
  for (ssize_t i = 0; i < size; ++i) {
    const char c = text[static_cast<std::size_t>(i)];
    if (c >= '0' && c <= '9') out += c;
  }
  return out;
}

// Takes a number and the dash behind it off the text; -1 where there is none.
std::int64_t take_number(std::string_view& text) {
  std::int64_t out = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end == text.data() + text.size() || *end != '-') return -1;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  return out;
}

}  // namespace

std::string new_node_mark() {
  std::uint64_t random = 0;
  if (getrandom(&random, sizeof random, 0) != static_cast<ssize_t>(sizeof random)) random = 0;
  const auto own = process_stat(getpid());
  return pid_space() + "-" + std::to_string(getpid()) + "-" + std::to_string(own ? own->start : 0) + "-" +
         std::to_string(random) + "-";
}

bool is_of_dead_node(std::string_view mark) {
  const std::string space = pid_space() + "-";
  if (space == "-" || !mark.starts_with(space)) return false;
  mark.remove_prefix(space.size());
  const auto pid = static_cast<pid_t>(take_number(mark));
  const std::int64_t start = take_number(mark);
  if (pid <= 0 || start <= 0) return false;
  const auto node = process_stat(pid);
  if (!node) return kill(pid, 0) != 0 && errno == ESRCH;
  return node->state == 'Z' || node->start != start;
}

std::optional<std::string> host_mark(pid_t pid) {
  const std::string wanted = std::string(kHostMark) + "=";
  const std::string environment = process_file(pid, "environ");
  for (std::size_t at = 0; at < environment.size();) {
    const std::size_t end = std::min(environment.find('\0', at), environment.size());
    if (environment.compare(at, wanted.size(), wanted) == 0) {
      return environment.substr(at + wanted.size(), end - at - wanted.size());
    }
    at = end + 1;
  }
  return std::nullopt;
}

bool has_no_new_privileges(pid_t pid) {
  return process_file(pid, "status").find("\nNoNewPrivs:\t1") != std::string::npos;
}

}  // namespace flowrra
