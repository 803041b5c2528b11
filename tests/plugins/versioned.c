/* A plugin that says which build of it runs. Tests make another build by writing another number of four digits behind
 * "flowrra-build-" in a copy of the file.
 *
 *   versioned.cpu MS, versioned.blocking MS   takes so long; the result is the number
 */
#include <flowrra/plugin.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const flowrra_host* host;
static volatile char build[] = "flowrra-build-0001";

static int number(void) {
  char digits[5] = {0};
  for (size_t i = 0; i < 4; ++i) digits[i] = build[sizeof build - 5 + i];
  return (int)strtol(digits, NULL, 10);
}

static void run(void* data, flowrra_call* call, flowrra_bytes args) {
  char text[32];
  size_t begin = 0;
  (void)data;
  while (begin < args.size && (args.data[begin] < '0' || args.data[begin] > '9')) ++begin;
  if (begin < args.size) {
    const long ms = strtol(args.data + begin, NULL, 10);
    const struct timespec pause = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&pause, NULL);
  }
  const flowrra_bytes result = {text, (size_t)snprintf(text, sizeof text, "%d", number())};
  host->succeed(call, result);
}

static const char* const arguments[] = {"ms"};
static const flowrra_task tasks[] = {
    {.struct_size = sizeof(flowrra_task),
     .kind = FLOWRRA_KIND_CPU,
     .name = "versioned.cpu",
     .arguments = arguments,
     .argument_count = 1,
     .run = run},
    {.struct_size = sizeof(flowrra_task),
     .kind = FLOWRRA_KIND_IO_BLOCKING,
     .name = "versioned.blocking",
     .arguments = arguments,
     .argument_count = 1,
     .run = run},
};

static uint32_t task_count(void) { return sizeof tasks / sizeof tasks[0]; }
static const flowrra_task* task(uint32_t index) { return &tasks[index]; }

static int32_t init(const flowrra_host* the_host, char* error, size_t error_size) {
  (void)error;
  (void)error_size;
  host = the_host;
  return 0;
}

static const flowrra_plugin plugin = {
    .abi_version = FLOWRRA_ABI_VERSION,
    .struct_size = sizeof(flowrra_plugin),
    .name = "versioned",
    .version = "1.0.0",
    .init = init,
    .task_count = task_count,
    .task = task,
};

const flowrra_plugin* flowrra_plugin_entry(void) { return &plugin; }
