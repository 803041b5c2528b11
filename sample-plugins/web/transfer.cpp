#include "transfer.hpp"

#include <algorithm>
#include <stdexcept>

#include "multi.hpp"

namespace web {

namespace {

using std::chrono::milliseconds;

// One easy handle while libcurl has it. Its destructor takes it out of libcurl, whatever its state.
class Transfer {
 public:
  Transfer(flowrra::IoContext& ctx, const Request& request, Sink& sink, flowrra::Completion<CURLcode>& ended)
      : ctx_(ctx), sink_(sink), multi_(Multi::of(ctx)), easy_(curl_easy_init()) {
    if (easy_ == nullptr) throw std::bad_alloc();
    set_up(request);
    try {
      multi_.add(easy_, ended);
    } catch (...) {
      curl_easy_cleanup(easy_);
      throw;
    }
  }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;
  ~Transfer() {
    multi_.remove(easy_);
    curl_easy_cleanup(easy_);
  }

  Response response() const {
    Response response;
    response.bytes = bytes_;
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &response.status);
    const char* type = nullptr;
    curl_easy_getinfo(easy_, CURLINFO_CONTENT_TYPE, &type);
    if (type != nullptr) response.content_type = type;
    return response;
  }

  // Throws what the end of the transfer means for the task.
  void check(CURLcode code) const {
    if (code != CURLE_OK) {
      const std::string message = error_[0] != '\0' ? error_ : curl_easy_strerror(code);
      if (code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_URL_MALFORMAT || code == CURLE_TOO_MANY_REDIRECTS)
        throw flowrra::Permanent(message);
      throw std::runtime_error(message);
    }
    const long status = response().status;
    if (status < 400) return;
    const std::string message = "the server answered with " + std::to_string(status);
    if (status < 500 && status != 408 && status != 425 && status != 429) throw flowrra::Permanent(message);
    curl_off_t wait = 0;
    curl_easy_getinfo(easy_, CURLINFO_RETRY_AFTER, &wait);
    if (wait > 0) throw flowrra::RetryAfter(std::chrono::seconds(std::min<curl_off_t>(wait, 3600)), message);
    throw std::runtime_error(message);
  }

 private:
  void set_up(const Request& request) {
    const milliseconds limit = std::min(request.timeout, ctx_.time_left().value_or(request.timeout));
    curl_easy_setopt(easy_, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy_, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy_, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(easy_, CURLOPT_MAXREDIRS, 10L);
    curl_easy_setopt(easy_, CURLOPT_CONNECTTIMEOUT_MS, 10'000L);
    curl_easy_setopt(easy_, CURLOPT_TIMEOUT_MS, std::max(1L, static_cast<long>(limit.count())));
    curl_easy_setopt(easy_, CURLOPT_USERAGENT, "flowrra-web/1.0");
    curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy_, CURLOPT_ERRORBUFFER, error_);
    curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, &Transfer::on_body);
    curl_easy_setopt(easy_, CURLOPT_WRITEDATA, this);
  }

  static std::size_t on_body(const char* data, std::size_t one, std::size_t count, void* self) {
    auto* transfer = static_cast<Transfer*>(self);
    const flowrra::Mark mark(transfer->ctx_);
    const std::size_t size = one * count;
    long status = 0;
    curl_easy_getinfo(transfer->easy_, CURLINFO_RESPONSE_CODE, &status);
    if (status >= 400) return size;  // an error's page is of no use
    if (!transfer->sink_.take(data, size)) return 0;
    transfer->bytes_ += size;
    return size;
  }

  flowrra::IoContext& ctx_;
  Sink& sink_;
  Multi& multi_;
  CURL* easy_;
  std::uint64_t bytes_ = 0;
  char error_[CURL_ERROR_SIZE] = "";
};

}  // namespace

flowrra::Co<Response> perform(flowrra::IoContext& ctx, const Request& request, Sink& sink) {
  flowrra::Completion<CURLcode> ended(ctx);
  const Transfer transfer(ctx, request, sink, ended);
  transfer.check(co_await ended);
  co_return transfer.response();
}

}  // namespace web
