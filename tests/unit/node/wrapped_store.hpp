#pragma once

#include <sys/eventfd.h>

#include <functional>
#include <memory>
#include <utility>

#include "base/fd.hpp"
#include "store/store.hpp"

namespace flowrra {

// A store whose exchanges go through a test's hands [courier thread]. A deaf one is not woken by anybody.
class WrappedStore final : public Store {
 public:
  using Exchange = std::function<Result<ExchangeAnswer>(Broker& inner, const ExchangeRequest& request)>;
  WrappedStore(std::unique_ptr<Store> inner, Exchange exchange, bool deaf = false)
      : inner_(std::move(inner)), broker_(inner_->broker(), std::move(exchange), deaf) {}
  Broker& broker() override { return broker_; }
  Directory& directory() override { return inner_->directory(); }
  Backend& backend() override { return inner_->backend(); }

 private:
  class Wrapped final : public Broker {
   public:
    Wrapped(Broker& inner, Exchange exchange, bool deaf)
        : inner_(inner),
          exchange_(std::move(exchange)),
          silence_(deaf ? ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) : -1) {}
    Result<ExchangeAnswer> exchange(const ExchangeRequest& request) override { return exchange_(inner_, request); }
    Result<std::vector<PushOutcome>> push(std::span<const NewTask> tasks, std::int64_t most) override {
      return inner_.push(tasks, most);
    }
    Result<int> recover() override { return inner_.recover(); }
    Result<std::vector<CancelOutcome>> cancel(std::span<const TaskId> ids) override { return inner_.cancel(ids); }
    Result<std::vector<ReplayOutcome>> replay(std::span<const TaskRecord> records) override {
      return inner_.replay(records);
    }
    Result<std::int64_t> purge(const std::string& queue) override { return inner_.purge(queue); }
    Result<std::optional<TaskRecord>> find(const TaskId& id) override { return inner_.find(id); }
    Result<std::vector<TaskRecord>> list(const ListQuery& query) override { return inner_.list(query); }
    Result<std::vector<StateCount>> counts() override { return inner_.counts(); }
    Result<StaleCounts> stale_counts() override { return inner_.stale_counts(); }
    Result<std::int64_t> ahead_of(const TaskId& id, const std::vector<std::string>& names) override {
      return inner_.ahead_of(id, names);
    }
    int wake_fd() override { return silence_ ? silence_.get() : inner_.wake_fd(); }
    bool woken() override { return !silence_ && inner_.woken(); }

   private:
    Broker& inner_;
    Exchange exchange_;
    UniqueFd silence_;
  };

  std::unique_ptr<Store> inner_;
  Wrapped broker_;
};

}  // namespace flowrra
