#pragma once

#include <curl/curl.h>
#include <uv.h>

#include <flowrra/async.hpp>

namespace web {

// All transfers of this host: libcurl's multi interface, driven by the host's libuv loop. libcurl says which sockets
// and what time it waits for; the loop says when one is ready. Nothing here blocks. [loop]
class Multi {
 public:
  // The process's only one, made at the first use. Throws flowrra::Permanent on a host whose loop cannot be used.
  static Multi& of(flowrra::IoContext& ctx);
  // Ends what of() made. No transfer may be left.
  static void shutdown();

  Multi(const Multi&) = delete;
  Multi& operator=(const Multi&) = delete;

  // Starts a transfer and tells its end to `ended`. remove() aborts it; it has to come before curl_easy_cleanup().
  void add(CURL* easy, flowrra::Completion<CURLcode>& ended);
  void remove(CURL* easy);

 private:
  struct Socket;

  explicit Multi(uv_loop_t* loop);
  ~Multi();

  static int on_socket(CURL* easy, curl_socket_t fd, int what, void* self, void* socket);
  static int on_timeout(CURLM* multi, long ms, void* self);
  void act(curl_socket_t fd, int events);
  void report_ended();

  uv_loop_t* loop_;
  CURLM* multi_;
  uv_timer_t* timer_;
};

}  // namespace web
