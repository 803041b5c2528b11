-- Renews a session. ARGV: id, lease, health or ''. Returns 0 when it is dead.
local id, lease, health = arg(), num(), arg()
even_if_full()
if not alive(id) then
  stale('heartbeats', 1)
  return 0
end
call('ZADD', K .. 'sessions', int(boot + lease), id)
call('HSET', K .. 'session:' .. id, 'until', int(boot + lease))
if health ~= '' then call('HSET', K .. 'session:' .. id, 'health', health) end
return 1
