-- Removes finished tasks. ARGV: ids. Returns a digit for each: 1 it was there and finished.
local ids = rest()
local outcomes = {}
for_each(ids, function(_, task, i)
  outcomes[i] = '0'
  if task and FINAL[task[STATE]] then
    outcomes[i] = '1'
    erase(task)
  end
end)
return table.concat(outcomes)
