#pragma once

#include <string_view>

#include "base/result.hpp"
#include "store/redis/endpoint.hpp"

namespace flowrra::redis {

// Reads the parts of a URL into an endpoint: pure, of the URL alone. What is wrong is named but never quoted, as it may
// be a piece of a password that was not encoded. `has_password` tells a URL with an empty password from one without.
struct UrlParts {
  Endpoint endpoint;
  bool has_password = false;
};
Result<UrlParts> read_url(std::string_view url);

}  // namespace flowrra::redis
