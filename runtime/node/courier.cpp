#include "node/courier.hpp"

#include <signal.h>

namespace flowrra {

Courier::Courier(Loop& loop, std::unique_ptr<Store> store)
    : store_(std::move(store)), broker_wake_fd_(store_->broker().wake_fd()), answered_(loop, [this] { answer(); }) {
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
  asked_.notify_one();
  thread_.join();
}

void Courier::enqueue(std::unique_ptr<Work> work) {
  {
    const std::scoped_lock lock(mutex_);
    requests_.push_back(std::move(work));
  }
  asked_.notify_one();
}

void Courier::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    asked_.wait(lock, [this] { return ending_ || !requests_.empty(); });
    if (ending_) return;
    std::unique_ptr<Work> next = std::move(requests_.front());
    requests_.pop_front();
    lock.unlock();
    next->run(*store_);
    lock.lock();
    answers_.push_back(std::move(next));
    answered_.signal();
  }
}

bool Courier::is_waited_for() {
  const std::scoped_lock lock(mutex_);
  return ending_ || !requests_.empty();
}

void Courier::tell(std::function<void()> done) {
  const std::scoped_lock lock(mutex_);
  answers_.push_back(std::make_unique<Told>(std::move(done)));
  answered_.signal();
}

void Courier::answer() {
  std::deque<std::unique_ptr<Work>> answers;
  {
    const std::scoped_lock lock(mutex_);
    answers.swap(answers_);
  }
  for (auto& each : answers) each->finish();
}

}  // namespace flowrra
