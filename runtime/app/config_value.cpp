// From what was written to what a key may hold: shapes, ranges, absolute paths.

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "app/config_keys.hpp"
#include "app/redact.hpp"
#include "base/nearest.hpp"
#include "base/units.hpp"
#include "task/task.hpp"

namespace flowrra {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = text.find(separator);
    if (end > 0) out.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return out;
}

bool contains(const std::vector<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

std::string absolute(const std::string& path, const fs::path& folder) {
  return (folder / path).lexically_normal().string();
}

const std::vector<std::string> kSchemes{"sqlite", "redis", "rediss", "unix", "memory"};

std::string scheme_of(std::string_view url) {
  const std::size_t end = url.find("://");
  return std::string(url.substr(0, end == std::string_view::npos ? 0 : end));
}

// A store's URL with the path of sqlite://PATH, or of unix://[user:password@]PATH[?query], made absolute.
std::string absolute_url(const std::string& url, const fs::path& folder) {
  const std::string scheme = scheme_of(url);
  if (scheme != "sqlite" && scheme != "unix") return url;
  std::size_t begin = scheme.size() + 3;
  std::size_t end = url.size();
  if (scheme == "unix") {
    end = std::min(end, url.find('?'));
    const std::size_t login = url.substr(0, url.find('/', begin)).rfind('@');
    if (login != std::string::npos && login < end) begin = login + 1;
  }
  if (begin == end) return url;
  return url.substr(0, begin) + absolute(url.substr(begin, end - begin), folder) + url.substr(end);
}

std::optional<std::int64_t> integer_of(const RawValue& raw) {
  if (raw.type == RawValue::Type::integer) return raw.integer;
  if (!raw.from_text) return std::nullopt;
  std::int64_t value = 0;
  const char* end = raw.text.data() + raw.text.size();
  const auto [stop, error] = std::from_chars(raw.text.data(), end, value);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

std::optional<Micros> duration_of(const RawValue& raw) {
  if (raw.type == RawValue::Type::integer) return from_seconds(static_cast<double>(raw.integer));
  if (raw.type == RawValue::Type::number) return from_seconds(raw.number);
  return raw.from_text ? parse_duration(raw.text) : std::nullopt;
}

std::optional<std::int64_t> size_of(const RawValue& raw) {
  if (raw.type == RawValue::Type::integer) return raw.integer;
  if (raw.type != RawValue::Type::text) return std::nullopt;
  const auto bytes = parse_size(raw.text);
  if (!bytes) return std::nullopt;
  return static_cast<std::int64_t>(*bytes);
}

std::optional<bool> boolean_of(const RawValue& raw) {
  if (raw.type == RawValue::Type::boolean) return raw.boolean;
  if (!raw.from_text) return std::nullopt;
  if (raw.text == "true" || raw.text == "1") return true;
  if (raw.text == "false" || raw.text == "0") return false;
  return std::nullopt;
}

std::string shown(const RawValue& raw) {
  switch (raw.type) {
    case RawValue::Type::integer:
      return std::to_string(raw.integer);
    case RawValue::Type::number:
      return fmt::format("{}", raw.number);
    case RawValue::Type::boolean:
      return raw.boolean ? "true" : "false";
    case RawValue::Type::text:
      return "'" + log::escaped(redact_url(raw.text).substr(0, 80)) + "'";
    case RawValue::Type::list:
      return "a list";
    case RawValue::Type::table:
      return "a table";
    case RawValue::Type::other:
      break;
  }
  return "something else";
}

bool in_range(const ConfigKey& key, double value) { return value >= key.min && value <= key.max; }

bool fill_number(const ConfigKey& key, const RawValue& raw, Value& out) {
  if (key.shape == Shape::seconds) {
    const auto duration = duration_of(raw);
    if (!duration || !in_range(key, static_cast<double>(duration->count()) / 1e6)) return false;
    out.duration = *duration;
    return true;
  }
  const auto integer = key.shape == Shape::size ? size_of(raw) : integer_of(raw);
  if (!integer || !in_range(key, static_cast<double>(*integer))) return false;
  out.integer = *integer;
  return true;
}

bool fill_text(const ConfigKey& key, const RawValue& raw, const fs::path& folder, Value& out) {
  if (raw.type != RawValue::Type::text || raw.text.empty()) return false;
  out.text = raw.text;
  switch (key.shape) {
    case Shape::choice:
      return contains(split(key.choices, '|'), raw.text);
    case Shape::name:
      return valid_name(raw.text);
    case Shape::path:
      out.text = absolute(raw.text, folder);
      return true;
    default:
      out.text = absolute_url(raw.text, folder);
      return contains(kSchemes, scheme_of(raw.text));
  }
}

bool fill_list(const ConfigKey& key, const RawValue& raw, const fs::path& folder, Value& out) {
  if (raw.from_text) {
    out.list = split(raw.text, key.shape == Shape::names ? ',' : ':');
  } else if (raw.type == RawValue::Type::list) {
    out.list = raw.list;
  } else {
    return false;
  }
  for (std::string& item : out.list) {
    if (key.shape == Shape::names && !valid_name(item)) return false;
    if (key.shape == Shape::paths) {
      if (item.empty()) return false;
      item = absolute(item, folder);
    }
  }
  return true;
}

// NAME=sha256:DIGEST.
bool is_pin(const std::string& item) {
  constexpr std::string_view kAlgorithm = "sha256:";
  const std::size_t equals = item.rfind('=');
  if (equals == 0 || equals == std::string::npos) return false;
  const std::string_view digest = std::string_view(item).substr(equals + 1);
  return digest.starts_with(kAlgorithm) && digest.size() == kAlgorithm.size() + 64 &&
         digest.find_first_not_of("0123456789abcdef", kAlgorithm.size()) == std::string_view::npos;
}

bool fill_pins(const RawValue& raw, Value& out) {
  if (raw.from_text) {
    out.list = split(raw.text, ',');
  } else if (raw.type == RawValue::Type::table) {
    out.list = raw.list;
  } else {
    return false;
  }
  return std::all_of(out.list.begin(), out.list.end(), is_pin);
}

bool fill(const ConfigKey& key, const RawValue& raw, const fs::path& folder, Value& out) {
  switch (key.shape) {
    case Shape::integer:
    case Shape::seconds:
    case Shape::size:
      return fill_number(key, raw, out);
    case Shape::boolean: {
      const auto boolean = boolean_of(raw);
      out.boolean = boolean.value_or(false);
      return boolean.has_value();
    }
    case Shape::names:
    case Shape::paths:
      return fill_list(key, raw, folder, out);
    case Shape::pins:
      return fill_pins(raw, out);
    default:
      return fill_text(key, raw, folder, out);
  }
}

// What is wrong with a store's URL, without the URL: it may hold a password.
Error bad_url(const ConfigKey& key, const std::string& label, const RawValue& raw) {
  Error error{Code::config, label + " must be " + describe_shape(key), {}};
  const std::string scheme = scheme_of(raw.text);
  if (!valid_name(scheme)) return error;
  error.message += ", and there are no stores of " + scheme + "://";
  error.hint = did_you_mean(scheme, kSchemes);
  if (error.hint.empty()) error.hint = "There are " + list_names(kSchemes) + ".";
  return error;
}

std::string bound(double value) {
  return value == std::floor(value) && std::abs(value) < 1e15 ? fmt::format("{:.0f}", value) : fmt::format("{}", value);
}

}  // namespace

bool on_network(std::string_view url) {
  const std::string scheme = scheme_of(url);
  return scheme == "redis" || scheme == "rediss" || scheme == "unix";
}

RawValue raw_text(std::string_view text) {
  RawValue raw;
  raw.type = RawValue::Type::text;
  raw.from_text = true;
  raw.text = text;
  return raw;
}

std::string describe_shape(const ConfigKey& key) {
  const std::string range = "from " + bound(key.min) + " to " + bound(key.max);
  switch (key.shape) {
    case Shape::integer:
      return "an integer " + range;
    case Shape::seconds:
      return "a number of seconds " + range;
    case Shape::size:
      return "a count of bytes (an integer, or text like \"512 MiB\") " + range;
    case Shape::boolean:
      return "true or false";
    case Shape::choice:
      return "one of " + list_names(split(key.choices, '|'));
    case Shape::name:
      return "a name of at most 128 letters, digits, '.', '_' or '-'";
    case Shape::names:
      return "a list of names of letters, digits, '.', '_' or '-'";
    case Shape::path:
      return "a path";
    case Shape::paths:
      return "a list of paths";
    case Shape::url:
      return "a store's URL, for example sqlite://flowrra.db or redis://localhost";
    case Shape::pins:
      return "a table of file names and SHA-256 digests, { \"media.so\" = \"sha256:…\" } with 64 digits in lower case";
  }
  return {};
}

Result<Value> check_value(const ConfigKey& key, const std::string& label, const RawValue& raw, const fs::path& folder) {
  Value value;
  if (fill(key, raw, folder, value)) return value;
  if (key.shape == Shape::url) return bad_url(key, label, raw);
  Error error{Code::config, label + " must be " + describe_shape(key) + ", not " + shown(raw), {}};
  if (key.shape == Shape::choice) error.hint = did_you_mean(raw.text, split(key.choices, '|'));
  return error;
}

}  // namespace flowrra
