#include "node/courier.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace flowrra {

Courier::Courier(Loop& loop, std::unique_ptr<Store> store)
    : store_(std::move(store)),
      asked_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      answered_(loop, [this] { answer(); }) {
  if (!asked_) throw std::system_error(errno, std::generic_category(), "eventfd");
  // Signals belong to the loop's thread.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { work(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Courier::~Courier() {
  {
    const std::scoped_lock lock(mutex_);
    ending_ = true;
  }
  eventfd_write(asked_.get(), 1);
  thread_.join();
}

void Courier::watch(std::function<void(Broker&)> woken) {
  const int fd = store_->broker().wake_fd();  // from now on: no wake-up is missed by what is posted next
  {
    const std::scoped_lock lock(mutex_);
    watched_ = {fd, std::move(woken)};
  }
  eventfd_write(asked_.get(), 1);
}

void Courier::enqueue(std::unique_ptr<Work> work) {
  bool sleeps = false;
  {
    const std::scoped_lock lock(mutex_);
    requests_.push_back(std::move(work));
    sleeps = std::exchange(sleeping_, false);
  }
  if (sleeps) eventfd_write(asked_.get(), 1);
}

void Courier::work() {
  while (std::unique_ptr<Work> request = next()) {
    request->run(*store_);
    hand_over(std::move(request));
  }
}

// Signals without the lock, which who wakes up wants at once.
void Courier::hand_over(std::unique_ptr<Work> work) {
  bool is_first = false;
  {
    const std::scoped_lock lock(mutex_);
    is_first = answers_.empty();
    answers_.push_back(std::move(work));
  }
  if (is_first) answered_.signal();
}

// Null at the end.
std::unique_ptr<Courier::Work> Courier::next() {
  for (;;) {
    {
      const std::scoped_lock lock(mutex_);
      if (ending_) return nullptr;
      if (!requests_.empty()) {
        std::unique_ptr<Work> first = std::move(requests_.front());
        requests_.pop_front();
        return first;
      }
      sleeping_ = true;
    }
    sleep();
  }
}

// Until something is asked for, or the broker is woken.
void Courier::sleep() {
  Watched watched;
  {
    const std::scoped_lock lock(mutex_);
    watched = watched_;
  }
  std::array<pollfd, 2> fds = {{{asked_.get(), POLLIN, 0}, {watched.fd, POLLIN, 0}}};
  if (poll(fds.data(), fds.size(), -1) <= 0) return;
  if (fds[0].revents != 0) clear_wake(asked_.get());
  if (fds[1].revents != 0 && !is_waited_for() && store_->broker().woken()) watched.woken(store_->broker());
}

bool Courier::is_waited_for() {
  const std::scoped_lock lock(mutex_);
  return ending_ || !requests_.empty();
}

void Courier::tell(std::function<void()> done) { hand_over(std::make_unique<Told>(std::move(done))); }

void Courier::answer() {
  std::deque<std::unique_ptr<Work>> answers;
  {
    const std::scoped_lock lock(mutex_);
    answers.swap(answers_);
  }
  for (auto& each : answers) each->finish();
}

}  // namespace flowrra
