#pragma once

#include <string_view>

#include "base/result.hpp"

namespace flowrra::redis {

// The word that decides what kind of error the server answered with: "WRONGPASS", "ERR".
std::string_view error_word(std::string_view text);

// What an error of the server means: the table of Connection::call().
Error server_error(std::string_view text);

// Whether another server may be the one to talk to now, so that the connection is to be made anew.
bool asks_for_reconnect(std::string_view text);

}  // namespace flowrra::redis
