/* The source of v1.so: every kind of task and every function of the host, with the header as it was in the beginning.
 */
#include <flowrra/plugin.h>
#include <string.h>

static const flowrra_host* host;
static const flowrra_async* async;

static flowrra_bytes text(const char* words) { return (flowrra_bytes){words, strlen(words)}; }

/* Gives its arguments back; fails for good without them. */
static void echo(void* data, flowrra_call* call, flowrra_bytes args) {
  (void)data;
  if (args.size <= 2) {
    const flowrra_failure failure = {sizeof failure, FLOWRRA_FAIL_PERMANENT, text("nothing to say"), -1};
    host->fail(call, &failure);
    return;
  }
  host->log(call, FLOWRRA_LOG_INFO, host->task_id(call));
  host->progress(call, host->attempt(call), 2, text("half"));
  if (host->is_cancelled(call) == 0 && host->time_left_ms(call) > 0) host->succeed(call, args);
}

static void slept(void* data, int32_t status) {
  flowrra_call* call = data;
  const flowrra_failure failure = {sizeof failure, FLOWRRA_FAIL_CANCELLED, text("woken"), -1};
  if (status == FLOWRRA_STATUS_OK) {
    host->succeed(call, text("\"slept\""));
  } else {
    host->fail(call, &failure);
  }
}
static void nap(void* data, flowrra_call* call, flowrra_bytes args) {
  (void)data;
  async->sleep(call, args.size > 2 ? 3600000 : 10, slept, call);
}

static const char* const names[] = {"what"};
static const flowrra_task tasks[] = {
    {sizeof(flowrra_task), FLOWRRA_KIND_CPU, "v1.cpu", echo, NULL, "Echo", "{\"type\":\"object\"}", names, 1, 2,
     FLOWRRA_NONE, 1, 5000, 250, 0},
    {sizeof(flowrra_task), FLOWRRA_KIND_IO_BLOCKING, "v1.blocking", echo, NULL, NULL, NULL, NULL, 0, 0, 0, 0, 0, 0, 0},
    {sizeof(flowrra_task), FLOWRRA_KIND_IO, "v1.nap", nap, NULL, NULL, NULL, NULL, 0, 0, 0, 0, 0, 0, 0},
};

static int32_t init(const flowrra_host* given, char* error, size_t size) {
  host = given;
  async = host->extension(FLOWRRA_EXT_ASYNC); /* none in a cpu host */
  if (host->abi_version == FLOWRRA_ABI_VERSION) return 0;
  strncpy(error, "another ABI", size - 1);
  return 1;
}
static uint32_t task_count(void) { return sizeof tasks / sizeof *tasks; }
static const flowrra_task* task(uint32_t index) { return &tasks[index]; }
static void stop(void) { host = NULL; }

static const flowrra_plugin plugin = {
    FLOWRRA_ABI_VERSION, sizeof(flowrra_plugin), "v1", "1.0.0", init, task_count, task, stop};

const flowrra_plugin* flowrra_plugin_entry(void) { return &plugin; }
