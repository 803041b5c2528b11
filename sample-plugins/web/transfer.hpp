#pragma once

#include <chrono>
#include <cstdint>
#include <flowrra/async.hpp>
#include <string>

namespace web {

// Takes the body in pieces as it comes. False ends the transfer. [loop]
class Sink {
 public:
  virtual bool take(const char* data, std::size_t size) noexcept = 0;

 protected:
  ~Sink() = default;
};

struct Request {
  std::string url;
  std::chrono::milliseconds timeout{0};
};

struct Response {
  long status = 0;
  std::string content_type;
  std::uint64_t bytes = 0;
};

// One GET over http or https, with at most ten redirects. Ends with a response below 400; otherwise throws: Permanent
// where trying again would not help, RetryAfter where the server says when. Cancelling aborts the transfer. `request`
// and `sink` have to outlive it.
flowrra::Co<Response> perform(flowrra::IoContext& ctx, const Request& request, Sink& sink);

}  // namespace web
