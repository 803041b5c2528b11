#pragma once

// What an io task can wait for. Everything here runs on the loop thread of an io host, save the work of blocking().
//
//   flowrra::Co<Report> build(flowrra::IoContext& ctx, std::string path) {
//     auto text = co_await ctx.blocking([&] { return read_file(path); });
//     co_await ctx.sleep(100ms);
//     co_return co_await summarise(ctx, std::move(text));
//   }
//
// co.hpp: the coroutine type Co · io_context.hpp: sleep, blocking, readable, writable; Completion, for callbacks of
// other libraries · group.hpp: all, any, with_timeout · semaphore.hpp: a bound on how many · process.hpp: other
// programs · file.hpp: files.
//
// Cancellation: when the task is cancelled, what it awaits ends with the exception Cancelled (work that a thread has
// already begun is waited for), and so does every later await. Objects on the way are destroyed as with any exception.
//
// A trap of g++ before 13: in an expression with co_await it destroys twice what a temporary aggregate, a ?: or a
// lambda holds. Give such a thing a name first:
//   Args args{.path = path};  co_await work(ctx, args);        // not co_await work(ctx, {.path = path})

#include "flowrra/co.hpp"
#include "flowrra/file.hpp"
#include "flowrra/group.hpp"
#include "flowrra/io_context.hpp"
#include "flowrra/process.hpp"
#include "flowrra/semaphore.hpp"
