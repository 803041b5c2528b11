-- Pauses a queue or lets it go on. ARGV: queue, 1 or 0.
local queue = arg()
even_if_full()
if arg() == '1' then
  call('SADD', K .. 'paused', queue)
else
  call('SREM', K .. 'paused', queue)
  ring_work()
end
return 1
