# How a client answers the driver; the words are in line_client.hpp.
require "json"

ARGUMENT = "0123456789abcdef0123456789abcdef".freeze

def now
  Process.clock_gettime(Process::CLOCK_MONOTONIC)
end

def seconds_of
  begun = now
  yield
  { seconds: now - begun }
end

# Asks the block every five milliseconds how many are done: nobody is told by these systems.
def drained(wanted)
  first = 0
  sleep 0.005 while (first = yield).zero?
  begun = now
  done = 0
  sleep 0.005 while (done = yield) < wanted
  { tasks: done - first, seconds: now - begun }
end

def serve
  $stdin.each_line do |line|
    what, count = line.split
    puts JSON.generate(yield(what, count.to_i))
    $stdout.flush
  end
end
