// The tables of plugin.h against the frozen list: what a plugin binary of version 1 was built with stays where it was.

#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <type_traits>
#include <vector>

#include "flowrra/plugin.h"
#include "support/build_tree.hpp"

BOOST_AUTO_TEST_SUITE(frozen_abi)

namespace {

template <class Member>
std::string kind_of() {
  if (std::is_pointer_v<Member> && std::is_function_v<std::remove_pointer_t<Member>>) return "function";
  if (std::is_pointer_v<Member>) return "pointer";
  if (std::is_class_v<Member>) return "struct";
  return (std::is_signed_v<Member> ? "i" : "u") + std::to_string(sizeof(Member) * 8);
}

// One line a field: struct.field offset size kind
#define SLOT(type, field)                                                           \
  std::string(#type "." #field " ") + std::to_string(offsetof(type, field)) + " " + \
      std::to_string(sizeof(type::field)) + " " + kind_of<decltype(type::field)>()

std::vector<std::string> slots() {
  return {
      SLOT(flowrra_bytes, data),
      SLOT(flowrra_bytes, size),
      SLOT(flowrra_failure, struct_size),
      SLOT(flowrra_failure, kind),
      SLOT(flowrra_failure, message),
      SLOT(flowrra_failure, retry_after_ms),
      SLOT(flowrra_host, abi_version),
      SLOT(flowrra_host, struct_size),
      SLOT(flowrra_host, extension),
      SLOT(flowrra_host, task_id),
      SLOT(flowrra_host, attempt),
      SLOT(flowrra_host, time_left_ms),
      SLOT(flowrra_host, is_cancelled),
      SLOT(flowrra_host, progress),
      SLOT(flowrra_host, log),
      SLOT(flowrra_host, succeed),
      SLOT(flowrra_host, fail),
      SLOT(flowrra_task, struct_size),
      SLOT(flowrra_task, kind),
      SLOT(flowrra_task, name),
      SLOT(flowrra_task, run),
      SLOT(flowrra_task, data),
      SLOT(flowrra_task, doc),
      SLOT(flowrra_task, schema),
      SLOT(flowrra_task, arguments),
      SLOT(flowrra_task, argument_count),
      SLOT(flowrra_task, max_retries),
      SLOT(flowrra_task, max_crashes),
      SLOT(flowrra_task, fixed_backoff),
      SLOT(flowrra_task, timeout_ms),
      SLOT(flowrra_task, retry_delay_ms),
      SLOT(flowrra_task, memory),
      SLOT(flowrra_task, cpu_time_ms),
      SLOT(flowrra_task, file_size),
      SLOT(flowrra_task, open_files),
      SLOT(flowrra_task, processes),
      SLOT(flowrra_plugin, abi_version),
      SLOT(flowrra_plugin, struct_size),
      SLOT(flowrra_plugin, name),
      SLOT(flowrra_plugin, version),
      SLOT(flowrra_plugin, init),
      SLOT(flowrra_plugin, task_count),
      SLOT(flowrra_plugin, task),
      SLOT(flowrra_plugin, shutdown),
      SLOT(flowrra_async, struct_size),
      SLOT(flowrra_async, sleep),
      SLOT(flowrra_async, blocking),
      SLOT(flowrra_async, on_cancel),
      SLOT(flowrra_async, enter),
      SLOT(flowrra_async, leave),
      SLOT(flowrra_async, ready),
      SLOT(flowrra_async, cancel),
      SLOT(flowrra_loop, struct_size),
      SLOT(flowrra_loop, uv_version),
      SLOT(flowrra_loop, loop),
  };
}

// The lines of abi/v1.txt without comments.
std::vector<std::string> frozen() {
  std::ifstream file(flowrra::test::source_file("plugin-sdk/abi/v1.txt"));
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);)
    if (!line.empty() && line[0] != '#') lines.push_back(line);
  return lines;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_tables_are_as_they_were_frozen) {
  const auto now = slots();
  const auto then = frozen();
  BOOST_TEST(now == then, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(no_field_is_missing_in_the_frozen_list) {
  // The end of each last field is the end of its struct: a field added without a line in the list shows here.
  BOOST_TEST(sizeof(flowrra_bytes) == offsetof(flowrra_bytes, size) + sizeof(size_t));
  BOOST_TEST(sizeof(flowrra_failure) == offsetof(flowrra_failure, retry_after_ms) + sizeof(int64_t));
  BOOST_TEST(sizeof(flowrra_host) == offsetof(flowrra_host, fail) + sizeof(void*));
  BOOST_TEST(sizeof(flowrra_task) == offsetof(flowrra_task, processes) + sizeof(uint32_t));
  BOOST_TEST(sizeof(flowrra_plugin) == offsetof(flowrra_plugin, shutdown) + sizeof(void*));
  BOOST_TEST(sizeof(flowrra_async) == offsetof(flowrra_async, cancel) + sizeof(void*));
  BOOST_TEST(sizeof(flowrra_loop) == offsetof(flowrra_loop, loop) + sizeof(void*));
}

BOOST_AUTO_TEST_CASE(the_numbers_that_cross_the_boundary_are_as_they_were_frozen) {
  BOOST_TEST(FLOWRRA_ABI_VERSION == 1U);
  BOOST_TEST((FLOWRRA_KIND_IO == 1U && FLOWRRA_KIND_CPU == 2U && FLOWRRA_KIND_IO_BLOCKING == 3U));
  BOOST_TEST(
      (FLOWRRA_LOG_DEBUG == 0U && FLOWRRA_LOG_INFO == 1U && FLOWRRA_LOG_WARNING == 2U && FLOWRRA_LOG_ERROR == 3U));
  BOOST_TEST((FLOWRRA_FAIL_RETRY == 0U && FLOWRRA_FAIL_PERMANENT == 1U && FLOWRRA_FAIL_CANCELLED == 2U));
  BOOST_TEST((FLOWRRA_STATUS_OK == 0 && FLOWRRA_STATUS_CANCELLED == 1 && FLOWRRA_NONE == -1));
  BOOST_TEST((FLOWRRA_STATUS_FAILED == 2 && FLOWRRA_FD_READABLE == 1U && FLOWRRA_FD_WRITABLE == 2U &&
              FLOWRRA_FD_TO_THE_END == 4U));
  BOOST_TEST(FLOWRRA_EXT_ASYNC == "flowrra.async/1");
  BOOST_TEST(FLOWRRA_EXT_LOOP == "flowrra.loop/1");
}

BOOST_AUTO_TEST_SUITE_END()
