#pragma once

// A registered task: its options, and the table entry that the host reads.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "flowrra/run.hpp"

namespace flowrra::inline sdk {

// How a task is to be run. What is left out is decided by the operator's settings; the submitter and the operator can
// override the rest. Designated initialisers keep this order.
// Each member has an initialiser: what designated initialisers leave out is then no matter for -Wextra.
// NOLINTBEGIN(readability-redundant-member-init)
struct Options {
  enum Backoff : std::uint8_t { exponential, fixed };

  std::vector<std::string> args = {};                         // the arguments' names; default: arg1, arg2, …
  std::optional<int> max_retries = {};                        // attempts after the first; 0: none
  std::optional<int> max_crashes = {};                        // crashes before the task fails for good
  std::optional<std::chrono::milliseconds> retry_delay = {};  // before the first retry
  Backoff backoff = exponential;                              // the delay doubles each time, or stays
  std::optional<std::chrono::milliseconds> timeout = {};      // of one attempt; 0: none
  std::uint64_t memory = 0;                                   // bytes a cpu task may use, as 512_MiB; 0: not said
  std::optional<std::chrono::milliseconds> cpu_time = {};     // of one attempt, whole seconds; cpu tasks
  std::uint64_t file_size = 0;                                // bytes of each file a cpu task writes; 0: not said
  std::uint32_t open_files = 0;                               // descriptors of a cpu task; 0: not said
  std::uint32_t processes = 0;                                // of the user while a cpu task runs; 0: not said
  std::string doc = {};                                       // one line for people
};
// NOLINTEND(readability-redundant-member-init)

namespace literals {
consteval std::uint64_t operator""_KiB(unsigned long long value) { return value << 10; }
consteval std::uint64_t operator""_MiB(unsigned long long value) { return value << 20; }
consteval std::uint64_t operator""_GiB(unsigned long long value) { return value << 30; }
}  // namespace literals

namespace detail {

inline bool good_name(std::string_view name) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  return !name.empty() && name.size() <= 128 && name.find_first_not_of(alphabet) == name.npos;
}

// In flowrra_task zero means "not said" and FLOWRRA_NONE an explicit none.
template <class Number, class Wanted>
Number table_number(std::optional<Wanted> wanted, const char* option) {
  if (!wanted) return 0;
  if (*wanted < Wanted{}) throw Permanent(std::string(option) + " cannot be negative");
  if (*wanted == Wanted{}) return FLOWRRA_NONE;
  if constexpr (std::is_arithmetic_v<Wanted>) {
    return *wanted;
  } else {
    return wanted->count();
  }
}

// Owns what its flowrra_task points to.
struct Record {
  Record() = default;
  Record(const Record&) = delete;
  Record& operator=(const Record&) = delete;
  virtual ~Record() = default;
  virtual void run(flowrra_call* call, flowrra_bytes args) noexcept = 0;

  void fill(std::uint32_t kind, const Options& options) {
    if (!good_name(name)) throw Permanent("a name is 1 to 128 letters, digits, dots, dashes and underscores");
    doc = options.doc;
    for (const std::string& each : names) name_pointers.push_back(each.c_str());
    table.struct_size = sizeof(flowrra_task);
    table.kind = kind;
    table.name = name.c_str();
    table.run = [](void* data, flowrra_call* call, flowrra_bytes args) { static_cast<Record*>(data)->run(call, args); };
    table.data = this;
    table.doc = doc.empty() ? nullptr : doc.c_str();
    table.schema = schema.c_str();
    table.arguments = name_pointers.data();
    table.argument_count = static_cast<std::uint32_t>(names.size());
    table.max_retries = table_number<std::int32_t>(options.max_retries, ".max_retries");
    table.max_crashes = table_number<std::int32_t>(options.max_crashes, ".max_crashes");
    table.fixed_backoff = options.backoff == Options::fixed ? 1 : 0;
    table.timeout_ms = table_number<std::int64_t>(options.timeout, ".timeout");
    table.retry_delay_ms = table_number<std::int64_t>(options.retry_delay, ".retry_delay");
    table.memory = options.memory;
    table.cpu_time_ms = table_number<std::int64_t>(options.cpu_time, ".cpu_time");
    table.file_size = options.file_size;
    table.open_files = options.open_files;
    table.processes = options.processes;
  }

  std::string name;
  std::string doc;
  std::string schema;
  Names names;
  std::vector<const char*> name_pointers;
  flowrra_task table{};
};

template <class Parts, class Given, class Function>
struct FunctionRecord final : Record {
  FunctionRecord(const flowrra_host& the_host, Function* the_function) : host(the_host), function(the_function) {}

  void run(flowrra_call* call, flowrra_bytes args) noexcept override {
    if constexpr (std::is_same_v<Given, IoContext>) {
      run_coroutine<Parts>(host, function, names, call, args);
    } else {
      run_function<Parts, Given>(host, function, names, call, args);
    }
  }

  const flowrra_host& host;
  Function* function;
};

// The checks below end compilation with one message each; what depends on them is then left out, so that no other
// errors follow.

template <class F>
consteval bool check_function() {
  constexpr bool plain = PlainFunction<F>;
  static_assert(plain,
                "flowrra: a task is a function, or a lambda without captures whose parameter types are spelled out: "
                "what a task needs comes as its arguments");
  return plain;
}

template <class Result>
consteval bool check_result() {
  if constexpr (kIsCo<Result>) {
    return encodable<decltype(std::declval<Result>().operator co_await().await_resume())>();
  } else {
    return !CoroutineResult<Result> && encodable<Plain<Result>>();
  }
}

template <class Parts, class Given>
consteval bool check_parts() {
  using Result = typename Parts::Result;
  constexpr bool context = kContextFits<typename Parts::ContextParameter, Given>;
  constexpr bool bindable = Parts::kParametersBindable;
  constexpr bool arguments = Parts::kDecodable;
  static_assert(context,
                "flowrra: this task asks for the wrong context: cpu tasks take CpuContext&, io coroutines IoContext&, "
                "ordinary functions as io tasks BlockingContext&; Context& fits all");
  static_assert(!context || bindable, "flowrra: a task takes its arguments by value or const reference");
  static_assert(!context || !bindable || arguments,
                "flowrra: an argument of this task cannot be read from JSON: use bool, integers, double, std::string, "
                "std::filesystem::path, std::chrono durations, std::optional, std::variant, std::vector, "
                "std::map<std::string, T>, std::set, std::array, std::pair, std::tuple, nlohmann::json, a struct with "
                "FLOWRRA_FIELDS, an enum with FLOWRRA_ENUM, or a type with nlohmann's from_json and to_json");
  constexpr bool result = check_result<Result>();
  static_assert(!context || !bindable || !arguments || result,
                "flowrra: the result of this task cannot be written as JSON: give its struct FLOWRRA_FIELDS, its enum "
                "FLOWRRA_ENUM, or return void");
  return context && bindable && arguments && result;
}

}  // namespace detail
}  // namespace flowrra::inline sdk
