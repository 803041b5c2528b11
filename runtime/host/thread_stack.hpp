#pragma once

// The alternate stacks on which fault handlers run, so that a stack overflow can be told, too. Every thread that a
// plugin starts gets one: this program's pthread_create stands before the C library's. Not under sanitizers, which
// have a pthread_create, and alternate stacks, of their own.
namespace flowrra {

// From now on new threads get an alternate stack. [main thread, once]
void give_threads_stacks();

// Gives this thread an alternate stack of its own memory, for good. [each thread that runs tasks, once]
void use_own_handler_stack();

}  // namespace flowrra
