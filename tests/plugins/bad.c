/* Plugins that cannot be loaded, or not beside others: one of them for each definition BAD_…. */
#include <flowrra/plugin.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#ifdef BAD_CONSTRUCTOR
__attribute__((constructor)) static void crash(void) {
  volatile int* volatile nowhere = (int*)16;
  fprintf(stderr, "bad_constructor: about to crash\n");
  *nowhere = 1;
}
#endif

#ifdef BAD_HANG
__attribute__((constructor)) static void hang(void) {
  signal(SIGTERM, SIG_IGN);
  for (;;) pause();
}
#endif

#ifdef BAD_EXIT
__attribute__((constructor)) static void leave(void) { exit(0); }
#endif

#ifdef BAD_UNDEFINED
void flowrra_fixture_nobody_defines_this(void);
#endif

static void run(void* data, flowrra_call* call, flowrra_bytes args) {
  (void)data;
  (void)call;
  (void)args;
#ifdef BAD_UNDEFINED
  flowrra_fixture_nobody_defines_this();
#endif
}

static const flowrra_task tasks[] = {
#ifdef BAD_NAME
    {.struct_size = sizeof(flowrra_task), .kind = FLOWRRA_KIND_CPU, .name = "two words", .run = run},
#else
    {.struct_size = sizeof(flowrra_task), .kind = FLOWRRA_KIND_CPU, .name = "faulty.cpu_echo", .run = run},
#endif
#ifdef BAD_DUPLICATE
    {.struct_size = sizeof(flowrra_task), .kind = FLOWRRA_KIND_CPU, .name = "faulty.cpu_echo", .run = run},
#endif
};

static uint32_t task_count(void) { return sizeof tasks / sizeof tasks[0]; }
static const flowrra_task* task(uint32_t index) { return &tasks[index]; }

static int32_t init(const flowrra_host* host, char* error, size_t error_size) {
  (void)host;
  (void)error;
  (void)error_size;
#ifdef BAD_INIT
  snprintf(error, error_size, "no licence for Tuesdays");
  return 1;
#else
  return 0;
#endif
}

static const flowrra_plugin plugin = {
#ifdef BAD_ABI
    .abi_version = FLOWRRA_ABI_VERSION + 1,
#else
    .abi_version = FLOWRRA_ABI_VERSION,
#endif
    .struct_size = sizeof(flowrra_plugin),
    .name = "bad",
    .version = "1.0.0",
    .init = init,
    .task_count = task_count,
    .task = task,
};

#ifdef BAD_SYMBOL
FLOWRRA_EXPORT const flowrra_plugin* another_entry(void);
FLOWRRA_EXPORT const flowrra_plugin* another_entry(void) { return &plugin; }
#else
const flowrra_plugin* flowrra_plugin_entry(void) { return &plugin; }
#endif
