#pragma once

#include <span>
#include <string>
#include <string_view>

namespace flowrra::redis {

// Appends one command as the server reads it (RESP, "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n"): the words of `head`, then those
// of `rest`.
void append_command(std::string& out, std::span<const std::string_view> head,
                    std::span<const std::string_view> rest = {});

}  // namespace flowrra::redis
