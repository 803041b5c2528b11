-- Queues a batch. ARGV: bound of a queue, token of this call, number of tasks; for each: id, lane, kind, priority,
-- delay or '', wall time or '', expiry or '', arguments, extra or ''. Returns a digit for each: 0 accepted, 1 known
-- already, 2 the queue is full. A call that is repeated with its token gets the same answer.
local bound, token, total = num(), arg(), num()
local first = at
local ids = {}
for i = 1, total do ids[i] = ARGV[first + (i - 1) * 9 + 1] end
load(ids)

local room, outcomes, seen, fresh = {}, {}, {}, {}
for i = 1, total do
  local id, lane, kind, priority = arg(), arg(), arg(), arg()
  local delay, wanted, expires, args, extra = num(), num(), num(), arg(), arg()
  local queue = lane_queue(lane)
  if not room[queue] then room[queue] = bound - (tonumber(call('HGET', K .. 'waiting', queue)) or 0) end
  local known = tasks[id]
  if known and known[TOKEN] == token and not seen[id] then
    outcomes[i] = '0'
  elseif known or damaged[id] then
    outcomes[i] = '1'
  elseif room[queue] <= 0 then
    outcomes[i] = '2'
  else
    outcomes[i] = '0'
    room[queue] = room[queue] - 1
    local due = wanted
    if delay and delay > 0 then due = wall + delay end
    if due and due <= wall then due = nil end
    local task = {due and SCHEDULED or PENDING, '0', '0', '-', '-', '-', lane, priority, '', due and int(due) or '-',
      expires and int(wall + expires) or '-', kind, int(wall), '0', '0', '0', '0', '-', '-', token, '0'}
    task.id = id
    tasks[id] = task
    fresh[#fresh + 1] = task
    set('args', id, args)
    if extra ~= '' then set('extra', id, extra) end
  end
  seen[id] = true
end

if #fresh > 0 then
  local seq = call('INCRBY', K .. 'seq', #fresh) - #fresh
  if seq == 0 then call('SETNX', K .. 'form', 1) end
  for i, task in ipairs(fresh) do
    task[SEQ] = int(seq + i)
    into(adds, 'all', task[SEQ], task.id)
    enter(task)
  end
  flush()
  ring_work()
end
return table.concat(outcomes)
