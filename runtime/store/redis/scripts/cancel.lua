-- Cancels what waits and asks for the end of what runs. ARGV: ids. Returns a digit for each: 0 unknown, 1 over,
-- 2 cancelled, 3 requested.
local ids = rest()
even_if_full()
local outcomes, ended, asked = {}, false, false
for_each(ids, function(id, task, i)
  if not task then
    outcomes[i] = '0'
  elseif FINAL[task[STATE]] then
    outcomes[i] = '1'
  elseif task[STATE] == RUNNING then
    into(adds, 'cancel:' .. task[SESSION], id)
    outcomes[i], asked = '3', true
  else
    end_waiting(task, CANCELLED, CANCELLED_WAITING)
    outcomes[i], ended = '2', true
  end
end)
if ended then ring_done() end
if asked then ring_work() end
return table.concat(outcomes)
