// Tasks that fail in every way in which a task can, to see what Flowrra does with each.
#include <csignal>
#include <cstdlib>
#include <flowrra/plugin.hpp>
#include <string>

namespace {

// The number of the attempt is what a task knows of its past: the first is 1. Nothing else is kept between attempts;
// another attempt may run in another process, or on another machine.
std::string attempts(const flowrra::Context& ctx) { return "attempt " + std::to_string(ctx.attempt()); }

// Any exception fails the attempt. The task is tried again, after a delay that doubles, while attempts are left.
int fail(flowrra::CpuContext& ctx, int times) {
  if (ctx.attempt() <= times) throw std::runtime_error(attempts(ctx) + " of " + std::to_string(times) + " that fail");
  return ctx.attempt();
}

// A task that knows when another attempt makes sense says so: a server's Retry-After, a lock that is held.
int later(flowrra::CpuContext& ctx, std::chrono::milliseconds delay, int times) {
  if (ctx.attempt() <= times) throw flowrra::RetryAfter(delay, attempts(ctx) + " came too early");
  return ctx.attempt();
}

// And one that knows that no attempt will help says that: the arguments are wrong, the account is closed.
void never(flowrra::CpuContext&, const std::string& reason) { throw flowrra::Permanent(reason); }

enum class How { segv, abort, exit, kill };
FLOWRRA_ENUM(How, segv, abort, exit, kill);

// A crash ends the process that the task runs in, and nothing else: the node charges the task with it, starts another
// process and, after max_crashes of them, fails the task with a report of the crash.
int crash(flowrra::CpuContext& ctx, How how, std::optional<int> times) {
  if (ctx.attempt() > times.value_or(1)) return ctx.attempt();
  ctx.warning(attempts(ctx) + " crashes");
  switch (how) {
    case How::abort:
      std::abort();
    case How::exit:
      std::exit(0);  // a task that exits is a crash too, with whatever code
    case How::kill:
      std::raise(SIGKILL);
      break;
    case How::segv:
      std::raise(SIGSEGV);
      break;
  }
  return 0;
}

}  // namespace

FLOWRRA_PLUGIN("flaky", "1.0.0") {
  plugin.cpu("flaky.fail", fail, {.args = {"times"}, .doc = "Fail so many attempts, then succeed"});
  plugin.cpu("flaky.later", later, {.args = {"delay", "times"}, .doc = "Ask so many times to be run after a delay"});
  plugin.cpu("flaky.never", never, {.args = {"reason"}, .doc = "Fail for good"});
  // A crash is an attempt too: what is to run again after one needs attempts left.
  plugin.cpu("flaky.crash", crash,
             {.args = {"how", "times"}, .max_retries = 3, .max_crashes = 2, .doc = "Crash so many times (1)"});
}
