-- Removes finished tasks. ARGV: ids. Returns a digit for each: 1 it was there and finished.
local ids = rest()
load(ids)
local outcomes = {}
for i, id in ipairs(ids) do
  local task = tasks[id]
  outcomes[i] = '0'
  if task and FINAL[task[STATE]] then
    outcomes[i] = '1'
    erase(task)
  end
end
flush()
return table.concat(outcomes)
