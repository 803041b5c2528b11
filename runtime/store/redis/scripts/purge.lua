-- Removes tasks of one queue that wait. ARGV: queue, how many at most. Returns how many; fewer than at most: no more
-- are there.
local queue, most = arg(), num()
local total = 0
local function remove(ids)
  for_each(ids, function(_, task)
    if task and WAITS[task[STATE]] then
      erase(task)
      total = total + 1
    end
  end)
end
for _, lane in ipairs(call('SMEMBERS', K .. 'lanes')) do
  if lane_queue(lane) == queue and total < most then
    remove(use_all(walk(lane, most - total)))
  end
end
for _, lane in ipairs(call('ZRANGE', K .. 'due', 0, -1)) do
  if lane_queue(lane) == queue and total < most then
    remove(call('ZRANGE', K .. 'due:' .. lane, 0, most - total - 1))
  end
end
if total > 0 then ring_done() end
return total
