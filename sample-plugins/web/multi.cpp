#include "multi.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>

namespace web {

namespace {

Multi* instance = nullptr;

// The host's loop, if this plugin's libuv speaks of the same structures.
uv_loop_t* loop_of(flowrra::IoContext& ctx) {
  const auto* host = ctx.extension<flowrra_loop>(FLOWRRA_EXT_LOOP);
  if (host == nullptr) throw flowrra::Permanent("this host has no libuv loop");
  constexpr unsigned mine = UV_VERSION_MAJOR << 8U | UV_VERSION_MINOR;
  if (host->uv_version >> 8U != mine)
    throw flowrra::Permanent("the plugin was built for libuv " + std::to_string(UV_VERSION_MAJOR) + "." +
                             std::to_string(UV_VERSION_MINOR) + ", the host has another: build the plugin anew");
  return static_cast<uv_loop_t*>(host->loop);
}

}  // namespace

// One socket that libcurl waits for.
struct Multi::Socket {
  uv_poll_t poll{};
  Multi* multi = nullptr;
  curl_socket_t fd = CURL_SOCKET_BAD;

  static void on_ready(uv_poll_t* poll, int status, int events) {
    const auto* socket = static_cast<Socket*>(poll->data);
    int action = status < 0 ? CURL_CSELECT_ERR : 0;
    if ((events & UV_READABLE) != 0) action |= CURL_CSELECT_IN;
    if ((events & UV_WRITABLE) != 0) action |= CURL_CSELECT_OUT;
    socket->multi->act(socket->fd, action);
  }

  void close() {
    uv_close(reinterpret_cast<uv_handle_t*>(&poll),
             [](uv_handle_t* handle) { delete static_cast<Socket*>(handle->data); });
  }
};

Multi& Multi::of(flowrra::IoContext& ctx) {
  if (instance == nullptr) instance = new Multi(loop_of(ctx));
  return *instance;
}

void Multi::shutdown() {
  delete instance;
  instance = nullptr;
}

Multi::Multi(uv_loop_t* loop) : loop_(loop), timer_(new uv_timer_t) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  multi_ = curl_multi_init();
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &Multi::on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &Multi::on_timeout);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_MAX_TOTAL_CONNECTIONS, 500L);  // what is above waits inside libcurl
  uv_timer_init(loop, timer_);
  timer_->data = this;
}

Multi::~Multi() {
  curl_multi_cleanup(multi_);
  curl_global_cleanup();
  uv_close(reinterpret_cast<uv_handle_t*>(timer_),
           [](uv_handle_t* handle) { delete reinterpret_cast<uv_timer_t*>(handle); });
}

void Multi::add(CURL* easy, flowrra::Completion<CURLcode>& ended) {
  curl_easy_setopt(easy, CURLOPT_PRIVATE, &ended);
  const CURLMcode code = curl_multi_add_handle(multi_, easy);
  if (code != CURLM_OK) throw std::runtime_error(curl_multi_strerror(code));
}

void Multi::remove(CURL* easy) { curl_multi_remove_handle(multi_, easy); }

int Multi::on_socket(CURL* /*easy*/, curl_socket_t fd, int what, void* self, void* known) {
  auto* multi = static_cast<Multi*>(self);
  auto* socket = static_cast<Socket*>(known);
  if (what == CURL_POLL_REMOVE) {
    if (socket != nullptr) socket->close();
    curl_multi_assign(multi->multi_, fd, nullptr);
    return 0;
  }
  if (socket == nullptr) {
    auto made = std::make_unique<Socket>();
    made->multi = multi;
    made->fd = fd;
    made->poll.data = made.get();
    if (uv_poll_init_socket(multi->loop_, &made->poll, fd) != 0) return -1;
    socket = made.release();
    curl_multi_assign(multi->multi_, fd, socket);
  }
  const int events = ((what & CURL_POLL_IN) != 0 ? UV_READABLE : 0) | ((what & CURL_POLL_OUT) != 0 ? UV_WRITABLE : 0);
  return uv_poll_start(&socket->poll, events, &Socket::on_ready) == 0 ? 0 : -1;
}

int Multi::on_timeout(CURLM* /*multi*/, long ms, void* self) {
  auto* multi = static_cast<Multi*>(self);
  if (ms < 0) return uv_timer_stop(multi->timer_);
  const auto fire = [](uv_timer_t* timer) { static_cast<Multi*>(timer->data)->act(CURL_SOCKET_TIMEOUT, 0); };
  return uv_timer_start(multi->timer_, fire, static_cast<std::uint64_t>(ms), 0);
}

void Multi::act(curl_socket_t fd, int events) {
  int running = 0;
  curl_multi_socket_action(multi_, fd, events, &running);
  report_ended();
}

// Outside of libcurl's callbacks, so that a task that goes on may begin and end transfers.
void Multi::report_ended() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;
    flowrra::Completion<CURLcode>* ended = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &ended);
    ended->complete(code);  // `message` is gone after this
  }
}

}  // namespace web
