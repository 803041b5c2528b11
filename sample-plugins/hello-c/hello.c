/* A plugin in plain C11: two cpu tasks over the ABI of flowrra/plugin.h, without a JSON library. */

#include <flowrra/plugin.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const flowrra_host* host; /* what init() was given; valid for the life of the process */

static flowrra_bytes text(const char* terminated) {
  flowrra_bytes bytes = {terminated, strlen(terminated)};
  return bytes;
}

static void fail(flowrra_call* call, uint32_t kind, const char* message) {
  flowrra_failure failure = {sizeof failure, kind, text(message), -1};
  host->fail(call, &failure);
}

/* hello.echo: its result is its arguments, untouched. */
static void echo(void* data, flowrra_call* call, flowrra_bytes args) {
  (void)data;
  host->succeed(call, args);
}

static size_t skip_space(flowrra_bytes json, size_t at) {
  while (at < json.size && strchr(" \t\r\n", json.data[at]) != NULL && json.data[at] != '\0') ++at;
  return at;
}

/* Moves *at past `c`, when that comes next. */
static int eat(flowrra_bytes json, size_t* at, char c) {
  size_t next = skip_space(json, *at);
  if (next >= json.size || json.data[next] != c) return 0;
  *at = next + 1;
  return 1;
}

/* What stands between the quotes of the string that comes next, still escaped; data is NULL when none does. */
static flowrra_bytes eat_string(flowrra_bytes json, size_t* at) {
  flowrra_bytes inside = {NULL, 0};
  size_t start;
  if (!eat(json, at, '"')) return inside;
  for (start = *at; *at < json.size && json.data[*at] != '"'; ++*at)
    if (json.data[*at] == '\\') ++*at;
  if (*at >= json.size) return inside;
  inside.data = json.data + start;
  inside.size = *at - start;
  ++*at;
  return inside;
}

/* The name in ["Ada"] or {"name": "Ada"}. It stays escaped, so it can be put into another JSON string as it is. */
static flowrra_bytes name_of(flowrra_bytes args) {
  size_t at = 0;
  flowrra_bytes key;
  const flowrra_bytes none = {NULL, 0};
  if (eat(args, &at, '[')) return eat_string(args, &at);
  if (!eat(args, &at, '{')) return none;
  key = eat_string(args, &at);
  if (key.size != 4 || memcmp(key.data, "name", 4) != 0 || !eat(args, &at, ':')) return none;
  return eat_string(args, &at);
}

/* hello.greet: {"name": "Ada"} gives "Hello, Ada!". */
static void greet(void* data, flowrra_call* call, flowrra_bytes args) {
  const flowrra_bytes name = name_of(args);
  const size_t room = name.size + sizeof "\"Hello, !\"";
  char* greeting;
  (void)data;
  if (name.data == NULL) {
    fail(call, FLOWRRA_FAIL_PERMANENT, "name: a string is wanted");
    return;
  }
  greeting = malloc(room);
  if (greeting == NULL) {
    fail(call, FLOWRRA_FAIL_RETRY, "out of memory");
    return;
  }
  snprintf(greeting, room, "\"Hello, %.*s!\"", (int)name.size, name.data);
  host->succeed(call, text(greeting));
  free(greeting);
}

static int32_t init(const flowrra_host* the_host, char* error, size_t error_size) {
  /* As far as this file uses the table; a host may be older than the header. */
  if (the_host->struct_size < offsetof(flowrra_host, fail) + sizeof the_host->fail) {
    snprintf(error, error_size, "the plugin was built for a newer host");
    return 1;
  }
  host = the_host;
  return 0;
}

static const char* const greet_arguments[] = {"name"};

static const flowrra_task tasks[] = {
    {.struct_size = sizeof(flowrra_task),
     .kind = FLOWRRA_KIND_CPU,
     .name = "hello.greet",
     .run = greet,
     .doc = "Greet somebody by name",
     .schema = "{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"}},\"required\":[\"name\"],"
               "\"additionalProperties\":false}",
     .arguments = greet_arguments,
     .argument_count = 1},
    {.struct_size = sizeof(flowrra_task),
     .kind = FLOWRRA_KIND_CPU,
     .name = "hello.echo",
     .run = echo,
     .doc = "Give back the arguments as they came"},
};

static uint32_t task_count(void) { return (uint32_t)(sizeof tasks / sizeof tasks[0]); }
static const flowrra_task* task(uint32_t index) { return &tasks[index]; }

const flowrra_plugin* flowrra_plugin_entry(void) {
  static const flowrra_plugin plugin = {
      .abi_version = FLOWRRA_ABI_VERSION,
      .struct_size = sizeof(flowrra_plugin),
      .name = "hello-c",
      .version = "1.0.0",
      .init = init,
      .task_count = task_count,
      .task = task,
  };
  return &plugin;
}
