#pragma once

#include <string>
#include <string_view>

#include "host/frame.hpp"

struct flowrra_failure;

namespace flowrra {

// How a call ended, from what its plugin said. What a plugin says is not trusted: a result that is too large or no
// JSON becomes a permanent failure, a failure's message is cut.
FinishedFrame success_outcome(std::uint64_t call, std::string_view json);
FinishedFrame failure_outcome(std::uint64_t call, const flowrra_failure* failure);

// The answer to a start frame whose task no plugin of this host has.
FinishedFrame unknown_task(const StartView& start);

// What is said of an ordinary function that returned and did not end its call.
inline constexpr const char* kNeverEnded =
    "the task returned without ending its call: it must call succeed() or fail()";

// At most `limit` bytes of the text, valid UTF-8, with "…" where it was cut or a byte was invalid.
std::string shortened(std::string_view text, std::size_t limit);

}  // namespace flowrra
