-- Starts a session. ARGV: id, lease, fields and values of its hash. Returns 0 when there is one of that id.
local id, lease = arg(), num()
if call('ZSCORE', K .. 'sessions', id) or call('EXISTS', K .. 'session:' .. id) == 1 then return 0 end
even_if_full()
call('SETNX', K .. 'form', 1)
call('HSET', K .. 'session:' .. id, unpack(ARGV, at + 1))
call('ZADD', K .. 'sessions', int(boot + lease), id)
return 1
