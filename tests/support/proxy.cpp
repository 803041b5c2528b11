#include "support/proxy.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

#include "support/free_port.hpp"

namespace flowrra::test {
namespace {

constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();
constexpr std::size_t kChunk = 65536;
constexpr short kBroken = POLLERR | POLLHUP | POLLNVAL;

void prepare(int fd) {
  const int yes = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  ::fcntl(fd, F_SETFL, O_NONBLOCK);
}

// A connection to a port of this machine: made or refused at once. Nothing when it is refused.
UniqueFd connect_to(int port) {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return {};
  prepare(fd.get());
  return fd;
}

void close_with_reset(UniqueFd& fd) {
  const linger at_once{1, 0};
  if (fd) ::setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  fd.reset();
}

bool would_block() { return errno == EAGAIN || errno == EINTR; }

}  // namespace

Proxy::Proxy(int server_port) : server_port_(server_port), port_(0), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  for (int tries = 0; !listener_ && tries < 1000; ++tries) {
    port_ = free_port();
    listener_ = listen_on(port_);
  }
  if (!listener_) throw std::runtime_error("no free port for a proxy");
  thread_ = std::thread([this] { serve(); });
}

Proxy::~Proxy() {
  change([this] { ending_ = true; });
  thread_.join();
}

std::string Proxy::url(const std::string& server_url) const {
  const std::string theirs = ":" + std::to_string(server_port_);
  const std::size_t at = server_url.rfind(theirs);
  if (at == std::string::npos) throw std::runtime_error("the proxy does not lead to " + server_url);
  return std::string(server_url).replace(at, theirs.size(), ":" + std::to_string(port_));
}

void Proxy::change(const std::function<void()>& how) {
  const std::lock_guard lock(mutex_);
  how();
  ++changes_;
  eventfd_write(wake_.get(), 1);
  counted_.notify_all();
}

void Proxy::set(Mode mode) {
  mode_ = mode;
  stop_requests_.reset();
  stop_answers_.reset();
  if (!listener_) listener_ = listen_on(port_);
  if (!listener_) throw std::runtime_error("somebody took the port of the proxy");
}

void Proxy::cut_all() {
  for (Link& link : links_) reset(link);
  counts_.cut += links_.size();
  counts_.open = 0;
  links_.clear();
}

void Proxy::pass() {
  change([this] { set(Mode::pass); });
}

void Proxy::cut() {
  change([this] {
    set(Mode::pass);
    cut_all();
  });
}

void Proxy::cut_answer(std::size_t bytes) {
  change([&] {
    set(Mode::pass);
    stop_answers_ = bytes;
    for (Link& link : links_) link.answers.passed = 0;
  });
}

void Proxy::cut_request(std::size_t bytes) {
  change([&] {
    set(Mode::pass);
    stop_requests_ = bytes;
    for (Link& link : links_) link.requests.passed = 0;
  });
}

void Proxy::dribble(std::chrono::milliseconds pause) {
  change([&] {
    set(Mode::dribble);
    pause_ = pause;
    next_byte_ = Clock::now();
  });
}

void Proxy::hold() {
  change([this] { set(Mode::hold); });
}

void Proxy::swallow() {
  change([this] {
    set(Mode::swallow);
    for (Link& link : links_) link.silent = true;
  });
}

void Proxy::refuse() {
  change([this] {
    set(Mode::pass);
    listener_.reset();
  });
}

void Proxy::down() {
  change([this] {
    set(Mode::pass);
    listener_.reset();
    cut_all();
  });
}

Proxy::Counts Proxy::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

Proxy::Counts Proxy::wait_for(const std::function<bool(const Counts&)>& wanted, std::chrono::milliseconds deadline) {
  std::unique_lock lock(mutex_);
  if (counted_.wait_for(lock, deadline, [&] { return wanted(counts_); })) return counts_;
  throw std::runtime_error("the proxy does not see what the test waits for: connections " +
                           std::to_string(counts_.connections) + ", open " + std::to_string(counts_.open) + ", cut " +
                           std::to_string(counts_.cut) + ", requested " + std::to_string(counts_.requested) +
                           ", answered " + std::to_string(counts_.answered));
}

// [proxy thread]
void Proxy::serve() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    const std::uint64_t seen = changes_;
    std::vector<pollfd> entries = watched();
    const int timeout = time_left();
    lock.unlock();
    ::poll(entries.data(), entries.size(), timeout);
    clear_wake(wake_.get());
    lock.lock();
    if (seen != changes_) continue;
    const pollfd* entry = &entries[2];
    const bool by_clock = mode_ == Mode::dribble && pause_.count() > 0;
    const bool tick = time_left() == 0;
    for (auto link = links_.begin(); link != links_.end(); entry += 2) {
      const bool lives = link->silent ? drain(*link, entry[0]) : move(*link, entry[0], entry[1], tick || !by_clock);
      link = lives ? std::next(link) : links_.erase(link);
    }
    if (tick) next_byte_ = Clock::now() + pause_;
    if (entries[1].revents != 0) accept();
    counts_.open = links_.size();
    counted_.notify_all();
  }
}

// The wake descriptor, the listener, and two for each link: its client and its server. One that nothing is wanted of
// is left out, as poll() would tell of its end for ever.
std::vector<pollfd> Proxy::watched() const {
  std::vector<pollfd> out{{wake_.get(), POLLIN, 0}, {mode_ == Mode::hold ? -1 : listener_.get(), POLLIN, 0}};
  const bool by_clock = mode_ == Mode::dribble && pause_.count() > 0;
  for (const Link& link : links_) {
    const auto entry = [&](const UniqueFd& fd, const Flow& in, const Flow& back, bool timed) {
      const bool reads = in.waiting.empty() && !in.over;
      const bool writes = !back.waiting.empty() && !timed;
      const int events = (reads ? POLLIN : 0) | (writes ? POLLOUT : 0);
      return pollfd{events == 0 || mode_ == Mode::hold ? -1 : fd.get(), static_cast<short>(events), 0};
    };
    if (link.silent) {
      out.push_back({link.client.get(), POLLIN, 0});
      out.push_back({-1, 0, 0});
    } else {
      out.push_back(entry(link.client, link.requests, link.answers, by_clock));
      out.push_back(entry(link.server, link.answers, link.requests, false));
    }
  }
  return out;
}

// Until the next byte of a dribble; -1 where none is due.
int Proxy::time_left() const {
  const bool due = std::any_of(links_.begin(), links_.end(),
                               [](const Link& link) { return !link.silent && !link.answers.waiting.empty(); });
  if (mode_ != Mode::dribble || pause_.count() == 0 || !due) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(next_byte_ - Clock::now());
  return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
}

void Proxy::accept() {
  Link link;
  link.client.reset(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!link.client) return;
  prepare(link.client.get());
  ++counts_.connections;
  link.silent = mode_ == Mode::swallow;
  if (!link.silent) link.server = connect_to(server_port_);
  if (link.silent || link.server) {
    links_.push_back(std::move(link));
  } else {
    close_with_reset(link.client);
  }
}

// False when the link is over.
bool Proxy::move(Link& link, const pollfd& client, const pollfd& server, bool answers_due) {
  const std::size_t most = mode_ == Mode::dribble ? 1 : kAll;
  const bool whole = ((client.revents & POLLIN) == 0 || read(link.client.get(), link.requests)) &&
                     ((server.revents & POLLIN) == 0 || read(link.server.get(), link.answers)) &&
                     write(link.server.get(), link.requests, stop_requests_, counts_.requested, kAll) &&
                     (!answers_due || write(link.client.get(), link.answers, stop_answers_, counts_.answered, most));
  const auto through = [](const Flow& flow) { return flow.over && flow.waiting.empty(); };
  if (whole && (through(link.requests) || through(link.answers))) return false;
  if (whole && ((client.revents | server.revents) & kBroken) == 0) return true;
  reset(link);
  return false;
}

// Of a swallowed link: false when its client is gone.
bool Proxy::drain(Link& link, const pollfd& client) {
  if ((client.revents & kBroken) != 0) return false;
  if ((client.revents & POLLIN) == 0) return true;
  Flow nowhere;
  const bool there = read(link.client.get(), nowhere) && !nowhere.over;
  counts_.swallowed += nowhere.waiting.size();
  return there;
}

// Takes what is there; false when the connection is broken.
bool Proxy::read(int from, Flow& flow) {
  std::string buffer(kChunk, '\0');
  const ssize_t got = ::recv(from, buffer.data(), buffer.size(), 0);
  if (got < 0) return would_block();
  flow.over = got == 0;
  flow.waiting.append(buffer, 0, static_cast<std::size_t>(got));
  return true;
}

// Passes on what waits, `most` bytes of it; false when the connection is broken or comes to its stop.
bool Proxy::write(int to, Flow& flow, std::optional<std::size_t>& stop, std::size_t& count, std::size_t most) {
  const std::size_t allowed = stop ? *stop - std::min(*stop, flow.passed) : kAll;
  const std::size_t size = std::min({flow.waiting.size(), allowed, most});
  if (size > 0) {
    const ssize_t sent = ::send(to, flow.waiting.data(), size, MSG_NOSIGNAL);
    if (sent < 0) return would_block();
    flow.waiting.erase(0, static_cast<std::size_t>(sent));
    flow.passed += static_cast<std::size_t>(sent);
    count += static_cast<std::size_t>(sent);
  }
  if (!stop || flow.waiting.empty() || flow.passed < *stop) return true;
  stop.reset();
  ++counts_.cut;
  return false;
}

void Proxy::reset(Link& link) {
  close_with_reset(link.client);
  close_with_reset(link.server);
}

}  // namespace flowrra::test
