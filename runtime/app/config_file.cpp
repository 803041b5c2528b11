#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "app/config_keys.hpp"
#include "app/redact.hpp"
#include "app/toml.hpp"
#include "base/fd.hpp"
#include "base/nearest.hpp"
#include "task/task.hpp"

namespace flowrra {
namespace {

namespace fs = std::filesystem;

constexpr off_t kMaxFile = off_t{1024} * 1024;

struct FileText {
  std::string text;
  bool others_may_read = false;
};

Result<FileText> read_file(const fs::path& path) {
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!fd) {
    const Code code = errno == ENOENT ? Code::not_found : errno == EACCES ? Code::denied : Code::config;
    return Error{code, path.string() + ": " + errno_text(errno), "Name the configuration with --config FILE."};
  }
  struct stat status {};
  if (fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode) || status.st_size > kMaxFile) {
    return Error{Code::config, path.string() + " is not a file of at most 1 MiB", {}};
  }
  FileText out;
  out.others_may_read = (status.st_mode & S_IROTH) != 0;
  out.text.resize(static_cast<std::size_t>(status.st_size));
  std::size_t have = 0;
  while (have < out.text.size()) {
    const ssize_t got = read(fd.get(), out.text.data() + have, out.text.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Error{Code::config, path.string() + ": " + errno_text(errno), {}};
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  out.text.resize(have);
  return out;
}

RawValue raw_of(const toml::node& node) {
  RawValue raw;
  if (const auto* integer = node.as_integer()) {
    raw.type = RawValue::Type::integer;
    raw.integer = integer->get();
  } else if (const auto* number = node.as_floating_point()) {
    raw.type = RawValue::Type::number;
    raw.number = number->get();
  } else if (const auto* boolean = node.as_boolean()) {
    raw.type = RawValue::Type::boolean;
    raw.boolean = boolean->get();
  } else if (const auto* text = node.as_string()) {
    raw.type = RawValue::Type::text;
    raw.text = text->get();
  } else if (const auto* array = node.as_array()) {
    raw.type = RawValue::Type::list;
    for (const toml::node& item : *array) {
      if (!item.is_string()) raw.type = RawValue::Type::other;
      raw.list.push_back(item.is_string() ? item.as_string()->get() : std::string());
    }
  } else if (const auto* table = node.as_table()) {
    raw.type = RawValue::Type::table;
    for (const auto& [key, item] : *table) {
      if (!item.is_string()) raw.type = RawValue::Type::other;
      raw.list.push_back(std::string(key.str()) + "=" + (item.is_string() ? item.as_string()->get() : std::string()));
    }
  }
  return raw;
}

// Walks one parsed file. Each method handles one kind of table and stops at the first error.
class FileReader {
 public:
  FileReader(Config& config, const fs::path& file) : config_(config), file_(file), folder_(file.parent_path()) {}

  Status read(const toml::table& root) {
    for (const auto& [key, node] : root) {
      const std::string section(key.str());
      const toml::table* table = node.as_table();
      if (table == nullptr || !known_section(section)) return unknown_section(key, section, table != nullptr);
      Status done = section == "queues"  ? read_queues(*table)
                    : section == "tasks" ? read_tasks(*table)
                                         : read_section(section, *table);
      if (!done) return done;
    }
    return {};
  }

 private:
  [[nodiscard]] static bool known_section(const std::string& section) {
    const auto names = section_names();
    return std::find(names.begin(), names.end(), section) != names.end();
  }

  [[nodiscard]] std::string place(const toml::source_region& region) const {
    return fmt::format("{}:{}:{}", file_.string(), region.begin.line, region.begin.column);
  }

  [[nodiscard]] Error unknown_section(const toml::key& key, const std::string& section, bool is_table) const {
    const std::string shown = log::escaped(section);
    if (!is_table) {
      const std::string what = known_section(section) ? "[" + shown + "] must be a table" : "unknown key " + shown;
      return {Code::config, place(key.source()) + ": " + what, "Keys stand in sections: [executor] io_workers = 100."};
    }
    std::string hint = did_you_mean(section, section_names());
    if (hint.empty()) hint = "The sections are " + list_names(section_names()) + ".";
    return {Code::config, place(key.source()) + ": unknown section [" + shown + "]", hint};
  }

  [[nodiscard]] Error unknown_key(const toml::key& key, const std::string& label, const std::string& section) const {
    const auto names = key_names(section);
    std::string hint = did_you_mean(key.str(), names);
    if (hint.empty()) hint = "The keys of [" + section + "] are " + list_names(names, 40) + ".";
    return {Code::config, place(key.source()) + ": unknown key " + log::escaped(label), hint};
  }

  void set_origin(const std::string& label, const toml::node& node) {
    config_.origins[label] = {Origin::Source::file, fmt::format("{}:{}", file_.string(), node.source().begin.line)};
  }

  Status read_section(const std::string& section, const toml::table& table) {
    for (const auto& [key, node] : table) {
      const std::string label = section + "." + std::string(key.str());
      const ConfigKey* known = find_key(label);
      if (known == nullptr) return unknown_key(key, label, section);
      auto value = check_value(*known, label, raw_of(node), folder_);
      if (!value) return value.error().in(place(node.source()));
      known->value.set(config_, *value);
      set_origin(label, node);
    }
    return {};
  }

  Status read_queues(const toml::table& table) {
    static constexpr ConfigKey kWeight{"queues", "", Shape::integer, 1, 1000, "", "weight of a queue", {}};
    for (const auto& [key, node] : table) {
      const std::string name(key.str());
      if (!valid_name(name)) return bad_name(key, "queue", name);
      auto weight = check_value(kWeight, "queues." + name, raw_of(node), folder_);
      if (!weight) return weight.error().in(place(node.source()));
      config_.queues.emplace_back(name, static_cast<int>(weight->integer));
      set_origin("queues." + name, node);
    }
    return {};
  }

  Status read_tasks(const toml::table& table) {
    for (const auto& [key, node] : table) {
      const std::string task(key.str());
      if (!valid_name(task)) return bad_name(key, "task", task);
      const toml::table* options = node.as_table();
      if (options == nullptr) {
        return Error{Code::config, place(node.source()) + ": tasks." + task + " must be a table",
                     "Write [tasks.\"" + task + "\"] and its keys below."};
      }
      for (const auto& [option, value] : *options) {
        if (auto done = read_option(task, option, value); !done) return done;
      }
    }
    return {};
  }

  Status read_option(const std::string& task, const toml::key& key, const toml::node& node) {
    const std::string label = task_option_label(task, key.str());
    const ConfigKey* known = find_task_option(key.str());
    if (known == nullptr) {
      Error error = unknown_key(key, label, "tasks");
      // The usual slip: [tasks.media.thumbnail] without quotes is a table in a table.
      if (node.is_table())
        error.hint = "Quote a task's name that has a dot: [tasks.\"" + task + "." + std::string(key.str()) + "\"].";
      return error;
    }
    auto value = check_value(*known, label, raw_of(node), folder_);
    if (!value) return value.error().in(place(node.source()));
    known->option.set(config_.tasks[task], *value);
    set_origin(label, node);
    return {};
  }

  [[nodiscard]] Error bad_name(const toml::key& key, const char* what, const std::string& name) const {
    return {Code::config, fmt::format("{}: '{}' is no name of a {}", place(key.source()), log::escaped(name), what),
            "A name is 1 to 128 letters, digits, '.', '_' or '-'."};
  }

  Config& config_;
  fs::path file_;
  fs::path folder_;
};

}  // namespace

Status read_config_file(Config& config, const fs::path& file) {
  auto content = read_file(file);
  if (!content) return content.error();
  const toml::parse_result parsed = toml::parse(std::string_view(content->text), file.string());
  if (!parsed) {
    const auto& where = parsed.error().source().begin;
    return Error{Code::config,
                 fmt::format("{}:{}:{}: {}", file.string(), where.line, where.column,
                             log::escaped(parsed.error().description())),
                 "The file must be TOML 1.0."};
  }
  if (auto done = FileReader(config, file).read(parsed.table()); !done) return done;
  if (content->others_may_read && (has_secret(config.broker.url) || has_secret(config.backend.url))) {
    return Error{Code::denied, file.string() + " holds a password and may be read by everybody",
                 "Run `chmod 600 " + file.string() + "`, or name a password_file, or set FLOWRRA_BROKER_URL."};
  }
  config.file = file.string();
  return {};
}

}  // namespace flowrra
