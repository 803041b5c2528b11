-- Removes finished tasks that ended more than so long ago. ARGV: age in microseconds or '' for all, how many at most.
-- Returns how many.
local age, most = num(), num()
local until_when = age and '(' .. int(wall - age) or '+inf'
local total = 0
for _, state in ipairs({SUCCESS, FAILED, CANCELLED, EXPIRED}) do
  local left = most - total
  local ids = left > 0 and call('ZRANGEBYSCORE', K .. 'done:' .. state, '-inf', until_when, 'LIMIT', 0, left) or {}
  for_each(ids, function(id, task)
    if task then erase(task) else into(drops, 'done:' .. state, id) end
  end)
  total = total + #ids
end
return total
