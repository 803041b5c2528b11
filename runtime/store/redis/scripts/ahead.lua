-- How many pending tasks of the same queue and of certain names come before a task. ARGV: its id, names. Where there are
-- very many blocks of them, some are looked at, here and there, and the others taken to be like those.
local STRETCHES, LOOKED_AT = 20, 1000
local id = arg()
load({id})
local task = tasks[id]
if not task or task[STATE] ~= PENDING then return 0 end
local priority, seq = tonumber(task[PRIORITY]), tonumber(task[SEQ])
local names = rest()
local stretch = math.max(1, math.floor(LOOKED_AT / STRETCHES / #names))

local function size_of(block)
  local size, space = #block > 17 and 1 or 0, find(block, ' ', 18, true)
  while space do
    size, space = size + 1, find(block, ' ', space + 1, true)
  end
  return size
end
local function tasks_in(key, from, to)
  local sum = 0
  for _, block in ipairs(call('ZRANGE', key, from, to)) do sum = sum + size_of(block) end
  return sum
end
local function tasks_of_first(key, blocks)
  if blocks <= stretch * STRETCHES then return blocks > 0 and tasks_in(key, 0, blocks - 1) or 0 end
  local sum = 0
  for i = 0, STRETCHES - 1 do
    local from = math.floor(i * (blocks - stretch) / (STRETCHES - 1))
    sum = sum + tasks_in(key, from, from + stretch - 1)
  end
  return sum * blocks / (stretch * STRETCHES)
end

local total = 0
for _, name in ipairs(names) do
  local key = K .. 'ready:' .. lane_queue(task[LANE]) .. ':' .. name
  local whole = blocks_until(key, priority, seq) - 1  -- and one that the task may be in
  if whole >= 0 then
    local last = call('ZRANGE', key, whole, whole, 'WITHSCORES')
    local size = size_of(last[1])
    if tonumber(last[2]) == priority then size = math.min(size, seq - first_in(last[1])) end
    total = total + tasks_of_first(key, whole) + size
  end
end
return math.floor(total + 0.5)
