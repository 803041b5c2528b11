#pragma once

#include <signal.h>
#include <sys/types.h>

// How a dying host writes down what happened to it. Nothing here allocates, locks or unwinds: it runs in the handlers
// of fatal signals.
namespace flowrra {

// From now on the area behind `fd` takes the record. [main thread, once]
void prepare_crash_record(int fd);

// True for the one call that is to write the record; false for every other, on whatever thread. Async-signal-safe.
bool claim_crash_record();
// The thread that claimed the record; 0: none. Async-signal-safe.
pid_t crash_recorder();

// Write what happened; the context is where the thread was. Async-signal-safe. [the thread that claimed the record]
void record_signal(int number, const siginfo_t& info, const ucontext_t& context);
void record_exit(int status, const ucontext_t& context);

}  // namespace flowrra
