-- Ends a session; what it ran is found by recover. ARGV: id.
local id = arg()
call('ZREM', K .. 'sessions', id)
call('DEL', K .. 'session:' .. id)
local runs = call('HLEN', K .. 'run:' .. id)
if runs == 0 or runs == 1 and call('HGET', K .. 'run:' .. id, '') then  -- nothing but what its start wrote
  call('DEL', K .. 'run:' .. id)
  call('DEL', K .. 'cancel:' .. id)
  call('SREM', K .. 'runners', id)
end
return 1
