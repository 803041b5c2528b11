// Gearman: worker and client.   usage: gearman worker|client
//
// Tasks are submitted in the background, as those of a queue are, and their results are dropped. Only who waits for a
// task in the foreground gets what it returns: so is the latency measured.
#include <libgearman/gearman.h>

#include "line_client.hpp"
#include "line_socket.hpp"

namespace flowrra::bench {
namespace {

constexpr const char* kHost = "127.0.0.1";

gearman_return_t echo(gearman_job_st* job, void*) {
  return gearman_job_send_complete(job, gearman_job_workload(job), gearman_job_workload_size(job));
}

void work() {
  gearman_worker_st* worker = gearman_worker_create(nullptr);
  gearman_worker_add_server(worker, kHost, static_cast<in_port_t>(server_port()));
  gearman_worker_add_options(worker, GEARMAN_WORKER_GRAB_ALL);
  gearman_worker_define_function(worker, "echo", 4, gearman_function_create(echo), 0, nullptr);
  while (gearman_worker_work(worker) == GEARMAN_SUCCESS) {
  }
}

class Client {
 public:
  Client() : client_(gearman_client_create(nullptr)) {
    gearman_client_add_server(client_, kHost, static_cast<in_port_t>(server_port()));
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() { gearman_client_free(client_); }

  std::string answer(const std::string& what, int count) {
    if (what == "one") return seconds_of([&] { one_by_one(count); });
    if (what == "bulk") return seconds_of([&] { many(count); });
    if (what == "check") return counted(submitted_ - waiting());
    if (what == "latency") return milliseconds_of_each(count, [&] { there_and_back(); });
    return drain(count, [&] { return submitted_ - waiting(); });
  }

 private:
  static void require(gearman_return_t code) {
    if (gearman_failed(code)) throw std::runtime_error(gearman_strerror(code));
  }

  void one_by_one(int count) {
    for (int i = 0; i < count; ++i) {
      gearman_job_handle_t handle;
      require(gearman_client_do_background(client_, "echo", nullptr, kArgument.data(), kArgument.size(), handle));
    }
    submitted_ += count;
  }
  void many(int count) {
    for (int left = count; left > 0; left -= 1000) {
      for (int i = 0; i < std::min(left, 1000); ++i) {
        gearman_return_t code = GEARMAN_SUCCESS;
        gearman_client_add_task_background(client_, nullptr, nullptr, "echo", nullptr, kArgument.data(),
                                           kArgument.size(), &code);
        require(code);
      }
      require(gearman_client_run_tasks(client_));
      gearman_client_task_free_all(client_);
    }
    submitted_ += count;
  }

  // Tasks that are queued or run: the second column of the server's status, which ends with a line of one point.
  int waiting() {
    int out = 0;
    admin_.write("status\n");
    for (std::string line = admin_.line(); line != "."; line = admin_.line()) {
      if (line.starts_with("echo\t")) out = std::stoi(line.substr(5));
    }
    return out;
  }
  void there_and_back() {
    std::size_t size = 0;
    gearman_return_t code = GEARMAN_SUCCESS;
    void* const got = gearman_client_do(client_, "echo", nullptr, kArgument.data(), kArgument.size(), &size, &code);
    require(code);
    if (std::string(static_cast<const char*>(got), size) != kArgument) throw std::runtime_error("another result");
    std::free(got);
  }

  gearman_client_st* client_;
  LineSocket admin_{server_port()};
  int submitted_ = 0;
};

}  // namespace
}  // namespace flowrra::bench

int main(int argc, char** argv) {
  try {
    if (argc == 2 && std::string(argv[1]) == "worker") return flowrra::bench::work(), 0;
    flowrra::bench::Client client;
    flowrra::bench::serve([&](const std::string& what, int count) { return client.answer(what, count); });
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
