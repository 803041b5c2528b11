#include "host/options.hpp"

#include <charconv>
#include <utility>

#include "host/page.hpp"

namespace flowrra {
namespace {

Error usage(const std::string& what) {
  return {
      Code::usage, what,
      "flowrra-host manifest --fd N PLUGIN, or flowrra-host run --kind io|cpu --socket-fd N --page-fd M --parent PID "
      "[--crash-fd C] [--blocking-threads K] PLUGIN…"};
}

template <typename Number>
bool read_number(const std::string& text, Number least, Number most, Number& into) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < least || value > most) return false;
  into = value;
  return true;
}

// False when the option is unknown or its value makes no sense.
bool read_option(const std::string& option, const std::string& value, HostOptions& options, std::string& copy) {
  constexpr int kMost = 1 << 30;
  if (option == "--fd") return read_number(value, 3, kMost, options.manifest_fd);
  if (option == "--socket-fd") return read_number(value, 3, kMost, options.socket_fd);
  if (option == "--page-fd") return read_number(value, 3, kMost, options.page_fd);
  if (option == "--crash-fd") return read_number(value, 3, kMost, options.crash_fd);
  if (option == "--parent") return read_number(value, 1, kMost, options.parent);
  if (option == "--blocking-threads") {
    return read_number(value, 1, static_cast<int>(kMaxThreads) - 1, options.blocking_threads);
  }
  if (option == "--copy") {
    copy = value;
    return true;
  }
  constexpr std::uint64_t kMostLimit = std::uint64_t{1} << 60U;
  if (option == "--memory") return read_number<std::uint64_t>(value, 1, kMostLimit, options.limits.memory);
  if (option == "--open-files") return read_number<std::uint64_t>(value, 1, kMostLimit, options.limits.open_files);
  if (option == "--file-size") return read_number<std::uint64_t>(value, 1, kMostLimit, options.limits.file_size);
  if (option == "--processes") return read_number<std::uint64_t>(value, 1, kMostLimit, options.limits.processes);
  if (option == "--kind") {
    const auto kind = parse_kind(value);
    if (kind) options.kind = *kind;
    return kind.has_value();
  }
  return false;
}

}  // namespace

Result<HostOptions> parse_host_options(const std::vector<std::string>& arguments) {
  HostOptions options;
  if (arguments.empty()) return usage("a command is missing");
  if (arguments[0] != "run" && arguments[0] != "manifest") return usage("'" + arguments[0] + "' is no command");
  if (arguments[0] == "manifest") options.command = HostOptions::Command::manifest;
  std::string copy;  // of the next plugin
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    if (!arguments[i].starts_with("--")) {
      options.plugins.emplace_back(arguments[i]).copy = std::exchange(copy, {});
    } else if (i + 1 == arguments.size() || !read_option(arguments[i], arguments[i + 1], options, copy)) {
      return usage("option " + arguments[i] + " needs a value that makes sense");
    } else {
      ++i;
    }
  }
  if (options.command == HostOptions::Command::manifest) {
    if (options.manifest_fd < 0 || options.plugins.size() != 1) return usage("manifest needs --fd and one plugin");
  } else if (options.socket_fd < 0 || options.page_fd < 0 || options.parent == 0) {
    return usage("run needs --socket-fd, --page-fd and --parent");
  }
  return options;
}

}  // namespace flowrra
