-- The second half of an exchange: what is due, and the claim.

-- What the session was given in a turn whose answer never came.
if take and take.holds then
  local strays = {}
  for _, id in ipairs(call('SMEMBERS', K .. 'run:' .. take.session)) do
    if not take.holds[id] then strays[#strays + 1] = id end
  end
  load(strays)
  local back = {to = PENDING, refund = true, error = '', result = '', progress = '', log = '', cpu = '-', rss = '-'}
  for _, id in ipairs(strays) do
    local task = tasks[id]
    if task and task[STATE] == RUNNING and settle(task, back) then told(task) end
  end
end
flush()

-- So many at once: the rest is left to the next turn.
local MOST = 1000
local ending = call('ZRANGEBYSCORE', K .. 'expiring', '-inf', int(wall), 'LIMIT', 0, MOST)
load(ending)
for _, id in ipairs(ending) do
  if tasks[id] then
    end_waiting(tasks[id], EXPIRED, EXPIRED_WAITING)
    finished = true
  else
    call('ZREM', K .. 'expiring', id)
  end
end
flush()

for _, lane in ipairs(call('ZRANGEBYSCORE', K .. 'due', '-inf', int(wall))) do
  local due = call('ZRANGEBYSCORE', K .. 'due:' .. lane, '-inf', int(wall), 'LIMIT', 0, MOST)
  load(due)
  for _, id in ipairs(due) do
    local task = tasks[id]
    if task then
      leave(task)
      task[STATE], task[DUE] = PENDING, '-'
      enter(task)
    else
      into(drops, 'due:' .. lane, id)
      lanes_due[lane] = true
    end
  end
end
flush()

local paused, by_queue = {}, {}
if take then
  for _, queue in ipairs(call('SMEMBERS', K .. 'paused')) do paused[queue] = true end
  for i, queue in ipairs(take.queues) do
    if not paused[queue] and not by_queue[queue] then by_queue[queue] = i end
  end
end

-- The pending tasks of one lane, best first, read a page at a time.
local function cursor(lane, page)
  local self = {lane = lane, rows = {}, next = 1, offset = 0}
  function self.head()
    if self.next > #self.rows then
      self.rows = call('ZRANGE', K .. 'ready:' .. lane, self.offset, self.offset + page - 1, 'WITHSCORES')
      self.offset, self.next = self.offset + page, 1
    end
    local member = self.rows[self.next]
    return member, member and tonumber(self.rows[self.next + 1])
  end
  return self
end

local function best_of(cursors)
  local best, best_member, best_score
  for _, each in ipairs(cursors) do
    local member, score = each.head()
    if member and (not best or score < best_score or (score == best_score and member < best_member)) then
      best, best_member, best_score = each, member, score
    end
  end
  return best, best_member
end

-- The group whose turn it is: smooth weighted round robin, as store/fair_share.hpp.
local function next_group(groups, want)
  if not take.shared then return best_of(groups[1]) and 1 end
  local best, total = nil, 0
  for i, weight in ipairs(take.weights) do
    if best_of(groups[i]) then
      want.credits[i] = want.credits[i] + weight
      total = total + weight
      if not best or want.credits[i] > want.credits[best] then best = i end
    end
  end
  if best then want.credits[best] = want.credits[best] - total end
  return best
end

local function chosen(want, lanes)
  local groups, used = {}, 0
  for i = 1, take.shared and #take.queues or 1 do groups[i] = {} end
  for _, lane in ipairs(lanes) do
    local queue, name = string.match(lane, '^([^:]+):(.+)$')
    if by_queue[queue] and want.names[name] then used = used + 1 end
  end
  local page = math.ceil(want.limit / math.max(used, 1)) + (used > 1 and 8 or 0)
  for _, lane in ipairs(lanes) do
    local queue, name = string.match(lane, '^([^:]+):(.+)$')
    if by_queue[queue] and want.names[name] then
      local group = groups[take.shared and by_queue[queue] or 1]
      group[#group + 1] = cursor(lane, page)
    end
  end
  local out = {}
  while #out < want.limit do
    local group = next_group(groups, want)
    if not group then break end
    local from, member = best_of(groups[group])
    from.next = from.next + 2
    out[#out + 1] = {id = string.sub(member, 18), lane = from.lane, member = member}
  end
  return out
end

local taken, credits = {}, {}
local function lease(id)
  local task = tasks[id]
  leave(task)
  task[STATE], task[DUE], task[STARTED] = RUNNING, '-', int(wall)
  task[ATTEMPT], task[COUNTER] = int(task[ATTEMPT] + 1), int(task[COUNTER] + 1)
  task[SESSION], task[NODE] = take.session, take.node
  if task[COUNTER] ~= '1' then clear('progress', id) end
  enter(task)
  taken[#taken + 1] = id
end

if take then
  for w, want in ipairs(take.wants) do
    if want.limit > 0 and next(want.names) then
      local lanes = call('SMEMBERS', K .. 'lanes')
      local rows = #lanes > 0 and chosen(want, lanes) or {}
      local chosen_ids = {}
      for i, row in ipairs(rows) do chosen_ids[i] = row.id end
      load(chosen_ids)
      for _, row in ipairs(rows) do
        local task = tasks[row.id]
        if task and task[STATE] == PENDING then
          lease(row.id)
        elseif not task then
          condemn(row.id, int(tonumber(string.sub(row.member, 1, 16)) or 0))
          counts[row.lane .. ':' .. PENDING] = (counts[row.lane .. ':' .. PENDING] or 0) - 1
          into(drops, 'ready:' .. row.lane, row.member)
          lanes_ready[row.lane] = true
          finished = true
        end
      end
      flush()
    end
    credits[w] = take.shared and want.credits or {}
  end
  if #taken > 0 then call('SADD', K .. 'runners', take.session) end
end
if live then call('HSET', K .. 'session:' .. turn_of, writer, int(turn)) end
if finished then ring_done() end
if waiting then ring_work() end

-- What the node must know of the time to come.
local next_due, next_expiry = '', ''
local lanes = call('ZRANGE', K .. 'due', 0, take and -1 or 0, 'WITHSCORES')
for i = 1, #lanes, 2 do
  local queue, name = string.match(lanes[i], '^([^:]+):(.+)$')
  local named = not take
  if take and by_queue[queue] then
    for _, want in ipairs(take.wants) do named = named or want.names[name] end
  end
  if named then
    next_due = int(math.max(0, lanes[i + 1] - wall))
    break
  end
end
local first = call('ZRANGE', K .. 'expiring', 0, 0, 'WITHSCORES')
if first[2] then next_expiry = int(math.max(0, first[2] - wall)) end
local cancel = take and call('SMEMBERS', K .. 'cancel:' .. take.session) or {}
local reload = take and call('HGET', K .. 'session:' .. take.session, 'asked') or '0'

local answer = {'ok', table.concat(settled), next_due, next_expiry, reload or '0', cancel, credits}
if #taken > 0 then
  local args, extra = fetched('args', taken), fetched('extra', taken)
  local again = {}
  for _, id in ipairs(taken) do
    if tasks[id][COUNTER] ~= '1' then again[#again + 1] = id end
  end
  local errors, kept_logs = {}, {}
  for i, text in ipairs(fetched('error', again)) do errors[again[i]] = text end
  if not keep then
    for i, text in ipairs(fetched('log', again)) do kept_logs[again[i]] = text end
  end
  for i, id in ipairs(taken) do
    local n = #answer
    answer[n + 1], answer[n + 2] = id, table.concat(tasks[id], ' ')
    answer[n + 3], answer[n + 4] = args[i], extra[i]
    answer[n + 5], answer[n + 6] = errors[id] or false, kept_logs[id] or false
  end
end
return answer
