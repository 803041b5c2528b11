-- Queues a batch. ARGV: bound of a queue, token of this call, number of tasks; then runs of tasks that are alike: lane,
-- kind, priority, delay or '', wall time or '', expiry or '', whether they have extras, how many; for each: id,
-- arguments, and extra if they have any. No id stands twice. Returns a digit for each: 0 accepted, 1 known already, 2
-- the queue is full. A call that is repeated with its token gets the same answer.
local bound, token, total = num(), arg(), num()
local runs, ids = {}, {}
while #ids < total do
  local run = {lane = arg(), kind = arg(), priority = arg(), delay = num(), wanted = num(), expires = num(),
    words = arg() == '1' and 3 or 2, size = num()}
  run.first = at
  for word = at + 1, at + run.size * run.words, run.words do ids[#ids + 1] = ARGV[word] end
  at = at + run.size * run.words
  runs[#runs + 1] = run
end
local lines = fetched('state', ids)
local outcomes, new, of_queue, nth = {}, 0, {}, 0
for _, run in ipairs(runs) do
  local before = new
  for i = nth + 1, nth + run.size do
    local known = lines[i]
    if not known then
      new = new + 1
    else
      outcomes[i] = match(match(known, '^[^\n]*'), ' (%S+) [01]$') == token and '0' or '1'
    end
  end
  nth, run.queue = nth + run.size, lane_queue(run.lane)
  of_queue[run.queue] = (of_queue[run.queue] or 0) + new - before
end
if new == 0 then return table.concat(outcomes) end

local seq = take_arrivals(new)  -- refused where there is no room
-- All wait; those that find no room are taken off again.
local room, refused = {}, {}
for queue, size in pairs(of_queue) do
  if size > 0 then room[queue] = bound + size - call('HINCRBY', K .. 'waiting', queue, size) end
end
local now = int(wall)
nth = 0
local states, extras, all, expiring = {}, {}, {}, {}
local ready, scheduled = {}, {}  -- by lane: scores and members

-- When the run is due, if that is not at once.
local function due_of(run)
  local due = run.wanted
  if run.delay and run.delay > 0 then due = wall + run.delay end
  return due and due > wall and int(due)
end

local function of_lane(lanes, lane)
  lanes[lane] = lanes[lane] or {}
  return lanes[lane]
end
local function add_scored(out, score, list)
  for i, id in ipairs(list) do out[#out + 1], out[#out + 2] = score, id end
end
local function add_blocks(out, priority, first, list)
  for i = 1, #list, BLOCK do
    out[#out + 1], out[#out + 2] = priority, block_of(first + i - 1, list, i, math.min(i + BLOCK - 1, #list))
  end
end

for _, run in ipairs(runs) do
  local lane, priority, due = run.lane, run.priority, due_of(run)
  local expires = run.expires and int(wall + run.expires)
  local before = (due and SCHEDULED or PENDING) .. ' 0 0 - - - ' .. lane .. ' ' .. priority .. ' '
  local after = ' ' .. (due or '-') .. ' ' .. (expires or '-') .. ' ' .. run.kind .. ' ' .. now .. ' 0 0 0 0 - - ' ..
    token .. ' 0\n'
  local added, left, first = {}, room[run.queue], seq + 1
  local word = run.first
  for _ = 1, run.size do
    nth = nth + 1
    if not outcomes[nth] and left <= 0 then
      outcomes[nth] = '2'
      refused[run.queue] = (refused[run.queue] or 0) + 1
    elseif not outcomes[nth] then
      outcomes[nth], left, seq = '0', left - 1, seq + 1
      local id, order, n = ids[nth], int(seq), #all
      all[n + 1], all[n + 2] = order, id
      states[n + 1], states[n + 2] = id, before .. order .. after .. ARGV[word + 2]
      added[#added + 1] = id
      if run.words == 3 and ARGV[word + 3] ~= '' then
        n = #extras
        extras[n + 1], extras[n + 2] = id, ARGV[word + 3]
      end
    end
    word = word + run.words
  end
  room[run.queue] = left
  if #added > 0 then
    if due then
      add_scored(of_lane(scheduled, lane), due, added)
    else
      add_blocks(of_lane(ready, lane), priority, first, added)
    end
    if expires then add_scored(expiring, expires, added) end
    count_by(lane, due and SCHEDULED or PENDING, #added)
  end
end
for queue, size in pairs(refused) do call('HINCRBY', K .. 'waiting', queue, -size) end
if #all == 0 then return table.concat(outcomes) end

for n = 1, #all, 2 do
  local lost = enter_arrival(all[n], all[n + 1])
  if lost then
    for queue in pairs(room) do call('HINCRBY', K .. 'waiting', queue, (refused[queue] or 0) - of_queue[queue]) end
    return lost
  end
end
for lane, list in pairs(ready) do
  chunked('ZADD', 'ready:' .. lane, list)
  call('SADD', K .. 'lanes', lane)
end
for lane, list in pairs(scheduled) do
  chunked('ZADD', 'due:' .. lane, list)
  call('ZADD', K .. 'due', call('ZRANGE', K .. 'due:' .. lane, 0, 0, 'WITHSCORES')[2], lane)
end
chunked('ZADD', 'expiring', expiring)
chunked('HSET', 'state', states)
chunked('HSET', 'extra', extras)
for lane, states_of in pairs(counts) do write_states(lane, states_of) end  -- they wait already
ring_work()
return table.concat(outcomes)
