-- Ends a session; what it ran is found by recover. ARGV: id.
local id = arg()
call('ZREM', K .. 'sessions', id)
call('DEL', K .. 'session:' .. id)
if call('HLEN', K .. 'run:' .. id) <= 1 then  -- nothing but what its start wrote
  call('DEL', K .. 'run:' .. id)
  call('DEL', K .. 'cancel:' .. id)
  call('SREM', K .. 'runners', id)
end
return 1
