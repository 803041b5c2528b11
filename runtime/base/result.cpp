#include "base/result.hpp"

#include <system_error>

namespace flowrra {

std::string_view name(Code code) {
  switch (code) {
    case Code::internal:
      return "internal";
    case Code::usage:
      return "usage";
    case Code::config:
      return "config";
    case Code::not_found:
      return "not_found";
    case Code::invalid:
      return "invalid";
    case Code::too_large:
      return "too_large";
    case Code::queue_full:
      return "queue_full";
    case Code::duplicate:
      return "duplicate";
    case Code::stale:
      return "stale";
    case Code::busy:
      return "busy";
    case Code::unreachable:
      return "unreachable";
    case Code::corrupt:
      return "corrupt";
    case Code::newer_version:
      return "newer_version";
    case Code::denied:
      return "denied";
    case Code::timed_out:
      return "timed_out";
    case Code::task_failed:
      return "task_failed";
    case Code::cancelled:
      return "cancelled";
    case Code::interrupted:
      return "interrupted";
  }
  return "internal";
}

Error Error::in(std::string_view context) const { return {code, std::string(context) + ": " + message, hint}; }

std::string errno_text(int error_number) { return std::system_category().message(error_number); }

}  // namespace flowrra
