-- Queues a batch. ARGV: bound of a queue, token of this call, number of tasks; for each: id, lane, kind, priority,
-- delay or '', wall time or '', expiry or '', arguments, extra or ''. Returns a digit for each: 0 accepted, 1 known
-- already, 2 the queue is full. A call that is repeated with its token gets the same answer.
local bound, token, total = num(), arg(), num()
local first = at
local ids = {}
for i = 1, total do ids[i] = ARGV[first + (i - 1) * 9 + 1] end
local lines = fetched('state', ids)

local room, outcomes, seen, fresh = {}, {}, {}, {}
for i = 1, total do
  local id, lane, kind, priority = arg(), arg(), arg(), arg()
  local delay, wanted, expires, args, extra = num(), num(), num(), arg(), arg()
  local queue = lane_queue(lane)
  if not room[queue] then room[queue] = bound - (tonumber(call('HGET', K .. 'waiting', queue)) or 0) end
  local known = lines[i]
  if known and not seen[id] and string.match(known, ' (%S+) [01]$') == token then
    outcomes[i] = '0'
  elseif known or seen[id] == 'fresh' then
    outcomes[i] = '1'
  elseif room[queue] <= 0 then
    outcomes[i] = '2'
  else
    outcomes[i] = '0'
    room[queue] = room[queue] - 1
    local due = wanted
    if delay and delay > 0 then due = wall + delay end
    if due and due <= wall then due = nil end
    fresh[#fresh + 1] = {id = id, lane = lane, priority = priority, due = due and int(due),
      expires = expires and int(wall + expires), kind = kind}
    set('args', id, args)
    if extra ~= '' then set('extra', id, extra) end
    seen[id] = 'fresh'
  end
  seen[id] = seen[id] or true
end

if #fresh > 0 then
  if_there_is_room()
  local seq = call('INCRBY', K .. 'seq', #fresh) - #fresh
  local now, pending, scheduled = int(wall), {}, {}
  local tail = ' ' .. now .. ' 0 0 0 0 - - ' .. token .. ' 0'
  for i, task in ipairs(fresh) do
    local lane, order = task.lane, int(seq + i)
    set_line(task.id, (task.due and SCHEDULED or PENDING) .. ' 0 0 - - - ' .. lane .. ' ' .. task.priority .. ' ' ..
      order .. ' ' .. (task.due or '-') .. ' ' .. (task.expires or '-') .. ' ' .. task.kind .. tail)
    into(adds, 'all', order, task.id)
    if task.expires then into(adds, 'expiring', task.expires, task.id) end
    if task.due then
      into(adds, 'due:' .. lane, task.due, task.id)
      scheduled[lane] = (scheduled[lane] or 0) + 1
      lanes_due[lane] = true
    else
      into(adds, 'ready:' .. lane, task.priority, place_of(order, task.id))
      pending[lane] = (pending[lane] or 0) + 1
      lanes_ready[lane] = true
    end
  end
  for lane, number in pairs(pending) do count_by(lane, PENDING, number) end
  for lane, number in pairs(scheduled) do count_by(lane, SCHEDULED, number) end
  flush()
  ring_work()
end
return table.concat(outcomes)
