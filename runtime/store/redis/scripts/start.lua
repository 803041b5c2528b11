-- In front of every script: its arguments and the time. A script reads all it needs and checks it before it writes: one
-- that fails half-way is not undone.
--
-- KEYS[1] is the prefix of all keys. ARGV begins with the wall time and the boot time in microseconds; empty: the
-- server's clock counts for both.
--
-- A server makes the functions of a script anew with each call, and where the processor has slept that is most of what
-- a script costs: what few calls need stands within functions, and what is common has a short way of its own.

local K = KEYS[1]
local ARGV, call = ARGV, redis.call
local find, format, match, sub = string.find, string.format, string.match, string.sub

local function int(number) return format('%.0f', number) end

local wall, boot = tonumber(ARGV[1]), tonumber(ARGV[2])
if not wall then
  local time = call('TIME')
  wall = time[1] * 1000000 + time[2]
  boot = wall
end
