#include <flowrra/plugin.h>

static const flowrra_host* host;

static void run(void* data, flowrra_call* call, flowrra_bytes args) {
  (void)data;
  host->succeed(call, args);
}

static const flowrra_task only = {
    .struct_size = sizeof(flowrra_task), .kind = FLOWRRA_KIND_CPU, .name = "t", .run = run};

static int32_t init(const flowrra_host* the_host, char* error, size_t error_size) {
  (void)error;
  (void)error_size;
  host = the_host;
  return 0;
}
static uint32_t task_count(void) { return 1; }
static const flowrra_task* task(uint32_t index) { return index == 0 ? &only : NULL; }

const flowrra_plugin* flowrra_plugin_entry(void) {
  static const flowrra_plugin plugin = {
      FLOWRRA_ABI_VERSION, sizeof(flowrra_plugin), "p", "1", init, task_count, task, NULL};
  return &plugin;
}
