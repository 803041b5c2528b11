// A plugin for tests that uses what io hosts offer beyond sleep: pool threads, and the loop itself with callbacks of
// its own. loop.timer MS, loop.timer_segv, loop.forgets_to_leave, loop.work, loop.work_segv, loop.two_works.
#include <flowrra/plugin.h>
#include <uv.h>

#include <atomic>
#include <string>

namespace {

const flowrra_host* host = nullptr;
const flowrra_async* async = nullptr;
const flowrra_loop* loop = nullptr;

void succeed(flowrra_call* call, const std::string& json) { host->succeed(call, {json.data(), json.size()}); }

void cancelled(flowrra_call* call) {
  const flowrra_failure failure{sizeof(flowrra_failure), FLOWRRA_FAIL_CANCELLED, {"woken", 5}, -1};
  host->fail(call, &failure);
}

void crash() {
  volatile int* volatile nowhere = reinterpret_cast<int*>(16);
  *nowhere = 1;
}

struct Timer {
  uv_timer_t handle;
  flowrra_call* call;
  void (*deed)(flowrra_call* call);
  bool leaves;
};

void on_closed(uv_handle_t* handle) { delete static_cast<Timer*>(handle->data); }

void on_timer(uv_timer_t* handle) {
  const Timer timer = *static_cast<Timer*>(handle->data);
  uv_close(reinterpret_cast<uv_handle_t*>(handle), on_closed);
  async->enter(timer.call);
  timer.deed(timer.call);
  if (timer.leaves) async->leave();
}

void start_timer(flowrra_call* call, void (*deed)(flowrra_call* call), bool leaves) {
  auto* timer = new Timer{{}, call, deed, leaves};
  uv_timer_init(static_cast<uv_loop_t*>(loop->loop), &timer->handle);
  timer->handle.data = timer;
  uv_timer_start(&timer->handle, on_timer, 10, 0);
}

void say_done(flowrra_call* call) { succeed(call, "\"done\""); }
void run_timer(void*, flowrra_call* call, flowrra_bytes) { start_timer(call, say_done, true); }
void run_timer_segv(void*, flowrra_call* call, flowrra_bytes) {
  start_timer(
      call, [](flowrra_call*) { crash(); }, true);
}
void run_forgets(void*, flowrra_call* call, flowrra_bytes) { start_timer(call, say_done, false); }

void work_done(void* data, std::int32_t status) {
  auto* call = static_cast<flowrra_call*>(data);
  if (status == FLOWRRA_STATUS_CANCELLED) return cancelled(call);
  succeed(call, "\"worked\"");
}
void run_work(void*, flowrra_call* call, flowrra_bytes) {
  async->blocking(
      call, [](void*) {}, work_done, call);
}
void run_work_segv(void*, flowrra_call* call, flowrra_bytes) {
  async->blocking(
      call, [](void*) { crash(); }, work_done, call);
}

// Waits on a pool thread until it is cancelled; a second work of the same call then waits for a thread in vain.
struct TwoWorks {
  flowrra_call* call;
  std::int32_t first = -1;
  std::int32_t second = -1;
};
void both_done(TwoWorks* both) {
  if (both->first < 0 || both->second < 0) return;
  succeed(both->call, "[" + std::to_string(both->first) + "," + std::to_string(both->second) + "]");
  delete both;
}
void run_two_works(void*, flowrra_call* call, flowrra_bytes) {
  auto* both = new TwoWorks{call};
  const auto wait = [](void* data) {
    while (host->is_cancelled(static_cast<TwoWorks*>(data)->call) == 0) uv_sleep(1);
  };
  const auto first_done = [](void* data, std::int32_t status) {
    static_cast<TwoWorks*>(data)->first = status;
    both_done(static_cast<TwoWorks*>(data));
  };
  const auto second_done = [](void* data, std::int32_t status) {
    static_cast<TwoWorks*>(data)->second = status;
    both_done(static_cast<TwoWorks*>(data));
  };
  async->blocking(call, wait, first_done, both);
  async->blocking(call, wait, second_done, both);
}

flowrra_task io_task(const char* name, void (*run)(void*, flowrra_call*, flowrra_bytes)) {
  flowrra_task task = {};
  task.struct_size = sizeof task;
  task.kind = FLOWRRA_KIND_IO;
  task.name = name;
  task.run = run;
  return task;
}

const flowrra_task kTasks[] = {
    io_task("loop.timer", run_timer),
    io_task("loop.timer_segv", run_timer_segv),
    io_task("loop.forgets_to_leave", run_forgets),
    io_task("loop.work", run_work),
    io_task("loop.work_segv", run_work_segv),
    io_task("loop.two_works", run_two_works),
};

std::int32_t init(const flowrra_host* given, char*, std::size_t) {
  host = given;
  async = static_cast<const flowrra_async*>(host->extension(FLOWRRA_EXT_ASYNC));
  loop = static_cast<const flowrra_loop*>(host->extension(FLOWRRA_EXT_LOOP));
  if (loop != nullptr && loop->uv_version >> 8U != uv_version() >> 8U) return 1;
  return 0;
}
std::uint32_t task_count() { return sizeof kTasks / sizeof kTasks[0]; }
const flowrra_task* task(std::uint32_t index) { return &kTasks[index]; }

// A handle that is still open when the host ends, as a careless plugin leaves it.
void shutdown() {
  if (loop == nullptr) return;
  static uv_timer_t forgotten;
  uv_timer_init(static_cast<uv_loop_t*>(loop->loop), &forgotten);
  uv_timer_start(
      &forgotten, [](uv_timer_t*) {}, 3'600'000, 0);
}

const flowrra_plugin kPlugin = {
    FLOWRRA_ABI_VERSION, sizeof(flowrra_plugin), "loop", "1.0.0", init, task_count, task, shutdown};

}  // namespace

extern "C" const flowrra_plugin* flowrra_plugin_entry() { return &kPlugin; }
