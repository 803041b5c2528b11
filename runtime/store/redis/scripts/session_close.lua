-- Ends a session; what it ran is found by recover. ARGV: id.
local id = arg()
call('ZREM', K .. 'sessions', id)
call('DEL', K .. 'session:' .. id)
return 1
