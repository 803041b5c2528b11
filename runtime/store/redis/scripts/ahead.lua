-- How many pending tasks of the same queue and of certain names come before a task. ARGV: its id, names.
local id = arg()
load({id})
local task = tasks[id]
if not task or task[STATE] ~= PENDING then return 0 end
local mine, priority = place(task), tonumber(task[PRIORITY])
local total = 0
for i = at + 1, #ARGV do
  local key = K .. 'ready:' .. lane_queue(task[LANE]) .. ':' .. ARGV[i]
  local low, high = 0, call('ZCARD', key)  -- the first that does not come before it is in [low, high]
  while low < high do
    local middle = math.floor((low + high) / 2)
    local row = call('ZRANGE', key, middle, middle, 'WITHSCORES')
    local score = tonumber(row[2])
    if score < priority or (score == priority and row[1] < mine) then low = middle + 1 else high = middle end
  end
  total = total + low
end
return total
