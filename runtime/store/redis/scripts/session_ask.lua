-- Asks a node to load its plugins anew. ARGV: id of its session. Returns the number of the request; 0: it is dead.
local id = arg()
if not alive(id) then return 0 end
even_if_full()
ring_work()
return call('HINCRBY', K .. 'session:' .. id, 'asked', 1)
