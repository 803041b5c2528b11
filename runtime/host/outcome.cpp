#include "host/outcome.hpp"

#include <flowrra/plugin.h>

#include <algorithm>

#include "host/json_text.hpp"
#include "host/table.hpp"
#include "task/schema.hpp"

namespace flowrra {
namespace {

constexpr std::int64_t kMaxRetryAfterMs = std::int64_t{366} * 24 * 3600 * 1000;

}  // namespace

FinishedFrame success_outcome(std::uint64_t call, std::string_view json) {
  FinishedFrame frame;
  frame.call = call;
  if (json.empty()) json = "null";
  if (const Status good = check_json(json, kMaxResultBytes, "result"); !good) {
    frame.end = CallEnd::permanent;
    frame.text = good.error().message;
  } else {
    frame.text = json;
  }
  return frame;
}

FinishedFrame failure_outcome(std::uint64_t call, const flowrra_failure* failure) {
  FinishedFrame frame;
  frame.call = call;
  frame.end = CallEnd::failure;
  if (failure == nullptr || failure->struct_size < sizeof(flowrra_failure)) {
    frame.text = "the task failed without saying why";
    return frame;
  }
  if (failure->kind == FLOWRRA_FAIL_PERMANENT) frame.end = CallEnd::permanent;
  if (failure->kind == FLOWRRA_FAIL_CANCELLED) frame.end = CallEnd::cancelled;
  if (failure->message.data != nullptr) {
    frame.text = shortened({failure->message.data, failure->message.size}, kMaxMessageBytes);
  }
  if (failure->retry_after_ms >= 0) {
    frame.retry_after_us = std::min(failure->retry_after_ms, kMaxRetryAfterMs) * 1000;
  }
  return frame;
}

FinishedFrame unknown_task(const StartView& start) {
  FinishedFrame frame;
  frame.call = start.call;
  frame.end = CallEnd::unknown;
  frame.text.append("no plugin of this host has a task '").append(start.name).append("'");
  return frame;
}

std::string shortened(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return valid_utf8(text);
  std::size_t end = limit - 3;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return valid_utf8(text.substr(0, end)) + "…";
}

}  // namespace flowrra
