/*
 * The plugin ABI of Flowrra, version 1. C11; the same text compiles as C++20.
 *
 * A plugin is a shared object that exports one symbol, flowrra_plugin_entry(). It describes the plugin and its tasks.
 * Hosts (child processes of a node) load it and run the tasks.
 *
 * Rules that hold everywhere:
 *  - Tables only grow: a struct begins with its version or size, new fields are added at its end. Read a field only if
 *    struct_size says that it is there.
 *  - Whoever allocates frees. What is passed in is valid during the call only, unless said otherwise; the receiver
 * copies.
 *  - No exception and no longjmp crosses a function of this header.
 *  - Text is UTF-8. Arguments and results are JSON bytes with a length, without a terminating zero.
 *  - Each function pointer says on which thread it may be called:
 *      [main]  the host's first thread; in an io host it is also the loop thread
 *      [loop]  the thread of an io host's libuv loop
 *      [task]  the thread that runs the task: main for cpu, loop for io, a pool thread for io_blocking
 *      [any]   every thread, while the call it speaks of has not ended
 */
#ifndef FLOWRRA_PLUGIN_H
#define FLOWRRA_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FLOWRRA_ABI_VERSION 1u

#if defined(__GNUC__)
#define FLOWRRA_EXPORT __attribute__((visibility("default")))
#else
#define FLOWRRA_EXPORT
#endif

/* Bytes that somebody else owns; not terminated by a zero. */
typedef struct flowrra_bytes {
  const char* data;
  size_t size;
} flowrra_bytes;

/* One attempt of one task in a host. Lives from the start of run() until succeed() or fail(). */
typedef struct flowrra_call flowrra_call;

/* Where a task runs. */
#define FLOWRRA_KIND_IO 1u          /* on the loop thread; ends later, never blocks */
#define FLOWRRA_KIND_CPU 2u         /* alone in a process of its own; ends before run() returns */
#define FLOWRRA_KIND_IO_BLOCKING 3u /* on a thread of an io host's pool; ends before run() returns */

/* Levels of log(). */
#define FLOWRRA_LOG_DEBUG 0u
#define FLOWRRA_LOG_INFO 1u
#define FLOWRRA_LOG_WARNING 2u
#define FLOWRRA_LOG_ERROR 3u

/* What kind of failure it was. */
#define FLOWRRA_FAIL_RETRY 0u     /* try again while attempts are left */
#define FLOWRRA_FAIL_PERMANENT 1u /* trying again would not help */
#define FLOWRRA_FAIL_CANCELLED 2u /* the task stopped because it was cancelled */

typedef struct flowrra_failure {
  uint32_t struct_size;   /* sizeof(flowrra_failure) */
  uint32_t kind;          /* FLOWRRA_FAIL_… */
  flowrra_bytes message;  /* for people */
  int64_t retry_after_ms; /* the delay before the next attempt; negative: the task's retry rule decides */
} flowrra_failure;

/* What the host offers. Valid for the life of the process. */
typedef struct flowrra_host {
  uint32_t abi_version; /* FLOWRRA_ABI_VERSION of the host */
  uint32_t struct_size;

  /* A further table by its id, or NULL where this host has none: FLOWRRA_EXT_ASYNC, FLOWRRA_EXT_LOOP. [any] */
  const void* (*extension)(const char* id);

  /* The task's id; valid until the call ends. [any] */
  flowrra_bytes (*task_id)(const flowrra_call* call);
  /* 1 for the first attempt. [any] */
  int32_t (*attempt)(const flowrra_call* call);
  /* Milliseconds until the attempt's deadline, 0 when it has passed, INT64_MAX when it has none. [any] */
  int64_t (*time_left_ms)(const flowrra_call* call);
  /* Not zero once the task should stop: it was cancelled, or its deadline has passed. [any] */
  int32_t (*is_cancelled)(const flowrra_call* call);
  /* Tells how far the task is; the newest counts. total <= 0: unknown. note may be empty. [any] */
  void (*progress)(flowrra_call* call, double done, double total, flowrra_bytes note);
  /* One line for the node's log. [any] */
  void (*log)(flowrra_call* call, uint32_t level, flowrra_bytes text);

  /* End the call, exactly once; `call` is gone afterwards. The host copies what it is given.
   * succeed: json is the result, one JSON value; empty means null. [task], for io [loop] */
  void (*succeed)(flowrra_call* call, flowrra_bytes json);
  void (*fail)(flowrra_call* call, const flowrra_failure* failure);
} flowrra_host;

/* A task. The first four fields are required; zero in the others means "not said", and the operator's settings hold. */
#define FLOWRRA_NONE (-1) /* for a number below: explicitly none (no timeout, no retries, no delay) */

typedef struct flowrra_task {
  uint32_t struct_size; /* sizeof(flowrra_task) */
  uint32_t kind;        /* FLOWRRA_KIND_… */
  const char* name;     /* in full, [A-Za-z0-9._-]{1,128} */
  /* Runs one attempt. `args` is the JSON of the arguments, an object by name or an array by position, valid until
   * run() returns. Ends with succeed() or fail(): for cpu and io_blocking before it returns. [task] */
  void (*run)(void* data, flowrra_call* call, flowrra_bytes args);

  void* data;                   /* handed to run() */
  const char* doc;              /* one line for people */
  const char* schema;           /* JSON Schema of the arguments object; NULL: anything goes */
  const char* const* arguments; /* names in positional order */
  uint32_t argument_count;
  int32_t max_retries;    /* attempts after the first */
  int32_t max_crashes;    /* crashes before the task is failed as poison */
  uint32_t fixed_backoff; /* 1: the same delay each time; 0: doubled each time, with jitter */
  int64_t timeout_ms;     /* of one attempt */
  int64_t retry_delay_ms; /* before the first retry */
  uint64_t memory;        /* bytes of address space; cpu tasks only, as all that follows */
  int64_t cpu_time_ms;    /* processor time of one attempt, rounded up to seconds */
  uint64_t file_size;     /* bytes of each file that is written */
  uint32_t open_files;    /* descriptors */
  uint32_t processes;     /* of the user, on the whole machine */
} flowrra_task;

typedef struct flowrra_plugin {
  uint32_t abi_version; /* FLOWRRA_ABI_VERSION that the plugin was built with */
  uint32_t struct_size; /* sizeof(flowrra_plugin) */
  const char* name;     /* of the plugin, same alphabet as task names */
  const char* version;

  /* Called once, before the functions below. Returns 0, or another number after writing a message (terminated by a
   * zero) into error. Also called in a process that only reads the list of tasks: start no thread here. May be NULL.
   * [main] */
  int32_t (*init)(const flowrra_host* host, char* error, size_t error_size);
  /* The tasks, in any order; they stay valid for the life of the process. [main] */
  uint32_t (*task_count)(void);
  const flowrra_task* (*task)(uint32_t index);
  /* Called before a host ends in good order, when nothing runs any more. May be NULL. [main] */
  void (*shutdown)(void);
} flowrra_plugin;

/* What a plugin exports. Called once. [main] */
FLOWRRA_EXPORT const flowrra_plugin* flowrra_plugin_entry(void);

/* ---- Extension: asynchronous work in io hosts ---------------------------------------------------------------- */

#define FLOWRRA_EXT_ASYNC "flowrra.async/1"
#define FLOWRRA_STATUS_OK 0
#define FLOWRRA_STATUS_CANCELLED 1
#define FLOWRRA_STATUS_FAILED 2

/* What ready() waits for. */
#define FLOWRRA_FD_READABLE 1u
#define FLOWRRA_FD_WRITABLE 2u
#define FLOWRRA_FD_TO_THE_END 4u /* goes on when the call is cancelled; cancel() ends it all the same */

typedef struct flowrra_async {
  uint32_t struct_size;
  /* Calls done(data, OK) after `ms`, or done(data, CANCELLED) as soon as the call is cancelled; exactly once, never
   * before sleep() returns. [loop] */
  void (*sleep)(flowrra_call* call, int64_t ms, void (*done)(void* data, int32_t status), void* data);
  /* Runs work(data) on a pool thread, then done(data, status) on the loop. Work that waits for a thread when the call
   * is cancelled is not begun: done() gets CANCELLED. The call must not end before done(). [loop] */
  void (*blocking)(flowrra_call* call, void (*work)(void* data), void (*done)(void* data, int32_t status), void* data);
  /* Calls cancelled(data) once, on the loop, when the call is cancelled; at once (before returning) if it already is.
   * One per call: a later registration replaces the earlier, NULL removes it. [loop] */
  void (*on_cancel)(flowrra_call* call, void (*cancelled)(void* data), void* data);
  /* Tell the host which task is on the processor while a callback of the plugin's own (libuv, libcurl) works for it,
   * so that a crash there is charged to that task. run(), done() and cancelled() are marked by the host. The mark is
   * kept in pairs; leave() may be called after the call has ended. [loop] */
  void (*enter)(flowrra_call* call);
  void (*leave)(void);

  /* Read what follows only if struct_size reaches it: the first hosts end here. */

  /* Calls done(data, status) once: OK when the descriptor can be read or written (FLOWRRA_FD_…, one or both), has
   * reached its end or has failed; CANCELLED when the call is cancelled; FAILED when it cannot be waited for: a file on
   * a disk, or one that somebody waits for already. Never before ready() returns. The descriptor is set to non-blocking
   * and stays open until done(). [loop] */
  void (*ready)(flowrra_call* call, int32_t fd, uint32_t events, void (*done)(void* data, int32_t status), void* data);
  /* Ends early what was begun with this `data`: a sleep, a wait for a descriptor, work that no thread has begun. Its
   * done() gets CANCELLED, never before cancel() returns. Does nothing where nothing waits, or the work has begun.
   * [loop] */
  void (*cancel)(flowrra_call* call, void* data);
} flowrra_async;

/* ---- Extension: the host's libuv loop ---------------------------------------------------------------------------- */

#define FLOWRRA_EXT_LOOP "flowrra.loop/1"

typedef struct flowrra_loop {
  uint32_t struct_size;
  uint32_t uv_version; /* uv_version() of the host: compare its major and minor number before using the loop */
  void* loop;          /* uv_loop_t*; use it on the loop thread only, close your handles in shutdown() */
} flowrra_loop;

#ifdef __cplusplus
}
#endif

#endif /* FLOWRRA_PLUGIN_H */
