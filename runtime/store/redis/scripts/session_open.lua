-- Starts a session. ARGV: id, lease, fields and values of its hash. Returns 0 when there is one of that id.
local id, lease = arg(), num()
even_if_full()

-- A user who may not run a command that some script needs learns it here, and not half-way through a change.
local NEEDED = {
  hash = {{'HSET', 'a', 1}, {'HGET', 'a'}, {'HMGET', 'a'}, {'HGETALL'}, {'HKEYS'}, {'HINCRBY', 'a', 1}, {'HDEL', 'a'},
    {'HLEN'}},
  ordered = {{'ZADD', 1, 'a'}, {'ZCARD'}, {'ZSCORE', 'a'}, {'ZRANGE', 0, 0}, {'ZRANGEBYSCORE', 0, 0}, {'ZREM', 'b'},
    {'ZREMRANGEBYRANK', 0, 0}},
  set = {{'SADD', 'a'}, {'SMEMBERS'}, {'SREM', 'a'}, {'SUNION'}},
  stream = {{'XADD', '1-0', 'id', 'a'}, {'XLEN'}, {'XRANGE', '-', '+'}, {'XREVRANGE', '+', '-'}, {'XDEL', '1-0'},
    {'DEL'}},
  number = {{'EXISTS'}, {'SETNX', 1}, {'INCRBY', 1}, {'DEL'}},
  channel = {{'PUBLISH', ''}},
}
for kind, commands in pairs(NEEDED) do
  for _, words in ipairs(commands) do call(words[1], K .. 'rights:' .. kind, unpack(words, 2)) end
end
if call('ZSCORE', K .. 'sessions', id) or call('EXISTS', K .. 'session:' .. id) == 1 then return 0 end
call('SETNX', K .. 'form', FORM)
call('HSET', K .. 'session:' .. id, 'until', int(boot + lease), unpack(ARGV, at + 1))
call('ZADD', K .. 'sessions', int(boot + lease), id)
call('SADD', K .. 'runners', id)
-- A server looks for a field of a hash of up to 512 from its start, unless it has ever had one as long as this.
call('HSET', K .. 'run:' .. id, '', string.rep(' ', 65))
return 1
