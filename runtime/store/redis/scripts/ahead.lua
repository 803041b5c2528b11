-- How many pending tasks of the same queue and of certain names come before a task. ARGV: its id, names. Of a lane with
-- more blocks in front than are looked at, the rest is taken to be like those.
local LOOKED_AT = 1000
local id = arg()
load({id})
local task = tasks[id]
if not task or task[STATE] ~= PENDING then return 0 end
local priority, seq = tonumber(task[PRIORITY]), tonumber(task[SEQ])

local function tasks_in(blocks)
  local total = 0
  for _, member in ipairs(blocks) do total = total + #add_ids_in(member, {}) end
  return total
end
local function in_front(key)
  local before = blocks_until(key, priority, seq) - 1  -- whole ones, and one that it may be in
  if before < 0 then return 0 end
  local some = math.min(before, LOOKED_AT)
  local total = some > 0 and tasks_in(call('ZRANGE', key, 0, some - 1)) * before / some or 0
  local last = call('ZRANGE', key, before, before, 'WITHSCORES')
  local size = #add_ids_in(last[1], {})
  return total + (tonumber(last[2]) == priority and math.min(size, seq - first_in(last[1])) or size)
end

local total = 0
for i = at + 1, #ARGV do total = total + in_front(K .. 'ready:' .. lane_queue(task[LANE]) .. ':' .. ARGV[i]) end
return math.floor(total + 0.5)
