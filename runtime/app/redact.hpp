#pragma once

#include <string>
#include <string_view>

namespace flowrra {

// True when a URL carries a password: user:password@host, or a query with a password.
bool has_secret(std::string_view url);

// The URL as it may be printed: passwords are replaced by ***.
std::string redact_url(std::string_view url);

}  // namespace flowrra
