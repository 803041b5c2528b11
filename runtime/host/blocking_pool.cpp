#include "host/blocking_pool.hpp"

#include <flowrra/plugin.h>

#include <atomic>
#include <memory>

#include "host/fault.hpp"

namespace flowrra {
namespace {

std::atomic<std::size_t> next_slot = 1;  // slot 0 is the main thread's

void call_work(const PoolWork& work) noexcept { work.work(work.data); }
void call_done(const PoolWork& work, std::int32_t status) noexcept { work.done(work.data, status); }

}  // namespace

void attach_pool_thread() {
  thread_local bool attached = false;
  if (attached) return;
  attached = true;
  if (const std::size_t slot = next_slot++; slot < kMaxThreads) attach_thread(slot);
}

void BlockingPool::add(IoCall& call, void (*work)(void*), void (*done)(void*, std::int32_t), void* data) {
  auto* item = new PoolWork{};  // owned by libuv until after()
  item->request.data = item;
  item->pool = this;
  item->call = &call;
  item->number = call.number;
  item->work = work;
  item->done = done;
  item->data = data;
  call.works.add(*item);
  uv_queue_work(loop_, &item->request, &BlockingPool::run, &BlockingPool::after);
  if (call.cancelled) uv_cancel(reinterpret_cast<uv_req_t*>(&item->request));
}

void BlockingPool::cancel(IoCall& call) {
  for (PoolWork* work = call.works.first(); work != nullptr; work = work->next) {
    uv_cancel(reinterpret_cast<uv_req_t*>(&work->request));  // fails, rightly, for work that has begun
  }
}

void BlockingPool::cancel(IoCall& call, const void* data) {
  for (PoolWork* work = call.works.first(); work != nullptr; work = work->next) {
    if (work->data == data) uv_cancel(reinterpret_cast<uv_req_t*>(&work->request));
  }
}

void BlockingPool::forget(IoCall& call) {
  while (PoolWork* work = call.works.first()) {
    call.works.remove(*work);
    work->call = nullptr;
  }
}

void BlockingPool::run(uv_work_t* request) {
  attach_pool_thread();
  const PoolWork& work = *static_cast<PoolWork*>(request->data);
  const CallMark marked(work.number);
  call_work(work);
}

void BlockingPool::after(uv_work_t* request, int status) {
  const std::unique_ptr<PoolWork> work(static_cast<PoolWork*>(request->data));
  if (work->call != nullptr) work->call->works.remove(*work);
  const Dispatch dispatch(work->pool->marks_, work->call != nullptr ? work->number : 0);
  call_done(*work, status == UV_ECANCELED ? FLOWRRA_STATUS_CANCELLED : FLOWRRA_STATUS_OK);
}

}  // namespace flowrra
