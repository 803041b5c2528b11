#include "store/redis/resolve.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <cerrno>
#include <mutex>

#include "base/fd.hpp"
#include "store/redis/quiet_thread.hpp"
#include "store/redis/stream.hpp"

namespace flowrra::redis {
namespace {

// One question to the resolver; the thread that asks and the one that waits own it together, as either may leave first.
struct Question {
  std::string host;
  std::string port;
  UniqueFd answered{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  std::mutex mutex;
  int problem = 0;
  int problem_errno = 0;
  Addresses addresses;
};

int look_up(const std::string& host, const std::string& port, int flags, Addresses& out) {
  addrinfo hints = {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* first = nullptr;
  const int problem = getaddrinfo(host.c_str(), port.c_str(), &hints, &first);
  if (problem == 0) out.reset(first);
  return problem;
}

void ask(const std::shared_ptr<Question>& question) {
  Addresses addresses;
  const int problem = look_up(question->host, question->port, AI_ADDRCONFIG, addresses);
  const int problem_errno = errno;
  {
    const std::scoped_lock lock(question->mutex);
    question->problem = problem;
    question->problem_errno = problem_errno;
    question->addresses = std::move(addresses);
  }
  eventfd_write(question->answered.get(), 1);
}

}  // namespace

Result<Addresses> resolve(const std::string& host, int port, const Until& until) {
  Addresses addresses;
  if (look_up(host, std::to_string(port), AI_NUMERICHOST, addresses) == 0) return addresses;
  const auto question = std::make_shared<Question>();
  question->host = host;
  question->port = std::to_string(port);
  if (!question->answered) return Error{Code::unreachable, "cannot resolve a name: " + errno_text(errno), {}};
  auto thread = start_quiet_thread([question] { ask(question); });
  if (!thread) return thread.error();
  thread->detach();
  if (auto answered = wait_for(question->answered.get(), POLLIN, until); !answered) {
    return answered.error().in("resolving " + host);
  }
  const std::scoped_lock lock(question->mutex);
  if (question->problem == 0) return std::move(question->addresses);
  const std::string why =
      question->problem == EAI_SYSTEM ? errno_text(question->problem_errno) : gai_strerror(question->problem);
  return Error{Code::unreachable, "cannot resolve " + host + ": " + why, {}};
}

}  // namespace flowrra::redis
