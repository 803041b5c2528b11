-- The second half of an exchange: what is due, and the claim.

-- What the session was given in a turn whose answer never came.
if take and take.holds then
  local strays, marked = {}, shall_end(take.session)
  for _, id in ipairs(call('SMEMBERS', K .. 'run:' .. take.session)) do
    if not take.holds[id] then strays[#strays + 1] = id end
  end
  load(strays)
  for _, id in ipairs(strays) do
    local task = tasks[id]
    if task and task[STATE] == RUNNING and marked[id] then
      end_waiting(task, CANCELLED, CANCELLED_RUNNING)
      marked[id] = nil
      if not keep then bury(task) end
      finished = true
    elseif task and task[STATE] == RUNNING then
      give_back(task, true, false, false)
      waiting = true
    end
  end
  flush()
end

-- So many at once: the rest is left to the next turn.
local MOST = 1000
local function first_expiring() return call('ZRANGE', K .. 'expiring', 0, 0, 'WITHSCORES') end
local function lanes_with_due() return call('ZRANGE', K .. 'due', 0, -1, 'WITHSCORES') end
local function has_come(row) return row[2] and tonumber(row[2]) <= wall end

local expiring = first_expiring()
if has_come(expiring) then
  local ids = call('ZRANGEBYSCORE', K .. 'expiring', '-inf', now, 'LIMIT', 0, MOST)
  load(ids)
  for _, id in ipairs(ids) do
    if tasks[id] then
      end_waiting(tasks[id], EXPIRED, EXPIRED_WAITING)
      finished = true
    else  -- its place in another index is where it is found to be damaged
      into(drops, 'expiring', id)
    end
  end
  flush()
  expiring = first_expiring()
end

local with_due = lanes_with_due()
if has_come(with_due) then
  for _, lane in ipairs(call('ZRANGEBYSCORE', K .. 'due', '-inf', now)) do
    local ids = call('ZRANGEBYSCORE', K .. 'due:' .. lane, '-inf', now, 'LIMIT', 0, MOST)
    load(ids)
    lanes_due[lane] = true
    for _, id in ipairs(ids) do
      local task = tasks[id]
      if task then
        leave(task)
        task[STATE], task[TIME] = PENDING, '-'
        enter(task)
      else
        into(drops, 'due:' .. lane, id)
        if damaged[id] then
          count_by(lane, SCHEDULED, -1)
          condemn(id, '0', lane)
          finished = true
        end
      end
    end
  end
  flush()
  with_due = lanes_with_due()
end

local paused, by_queue, with_pending = {}, {}, {}
if take then
  with_pending = call('SMEMBERS', K .. 'lanes')
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

-- The lanes that have something for the want, and the groups they are in.
local function lanes_for(want)
  local lanes, group_of = {}, {}
  for _, lane in ipairs(with_pending) do
    local queue, name = string.match(lane, '^([^:]+):(.+)$')
    if by_queue[queue] and want.names[name] then
      lanes[#lanes + 1] = lane
      group_of[lane] = take.shared and by_queue[queue] or 1
    end
  end
  return lanes, group_of
end

-- Chooses among several lanes: their members in the order of their lanes' turns, with the lanes.
local function merged(want, lanes, group_of)
  local groups, members, from = {}, {}, {}
  for i = 1, take.shared and #take.queues or 1 do groups[i] = {} end
  local page = math.ceil(want.limit / #lanes) + 8
  for _, lane in ipairs(lanes) do
    local group = groups[group_of[lane]]
    group[#group + 1] = cursor(lane, page)
  end
  while #members < want.limit do
    local group = next_group(groups, want)
    if not group then break end
    local best, member = best_of(groups[group])
    best.next = best.next + 2
    members[#members + 1], from[#from + 1] = member, best.lane
  end
  return members, from
end

-- Leases a member of a lane's pending ones to the session. A claim changes only the beginning of the line.
local taken, taken_lines, credits = {}, {}, {}
local running = {}
local tail = take and ' ' .. take.session .. ' ' .. now .. ' ' .. take.node .. ' '
local PENDING_LINE = '^1 (%d+) (%d+) %S+ %-?%d* %S+ ([%w._-]+:[%w._@-]+ %-?%d+ %d+ %-?%d* %-?%d* %d %-?%d+ %d+ %d+ %d+' ..
  ' [01] %-?%d* %-?%d* %S+ [01])$'
local function lease(member, lane, id, line)
  local attempt, counter, rest = string.match(line or '', PENDING_LINE)
  if not attempt then
    damaged[id] = line or ''
    condemn(id, int(tonumber(string.sub(member, 1, 16)) or 0), lane)
    finished, waiting = true, true  -- it took the place of another, which is to be looked for
    return false
  end
  local leased = '2 ' .. int(attempt + 1) .. ' ' .. int(counter + 1) .. tail .. rest
  set_line(id, leased)
  running[#running + 1] = id
  taken[#taken + 1], taken_lines[#taken_lines + 1] = id, leased
  if counter ~= '0' then clear('progress', id) end
  return true
end

local function claim(want)
  local lanes, group_of = lanes_for(want)
  if #lanes == 0 then return end
  local members, from
  if #lanes == 1 and not take.shared then
    members = call('ZRANGE', K .. 'ready:' .. lanes[1], 0, want.limit - 1)
  else
    members, from = merged(want, lanes, group_of)
  end
  local chosen, of_lane, leased_of = {}, {}, {}
  for i, member in ipairs(members) do chosen[i] = string.sub(member, 18) end
  local found = fetched('state', chosen)
  for i, member in ipairs(members) do
    local lane = from and from[i] or lanes[1]
    of_lane[lane] = (of_lane[lane] or 0) + 1
    if lease(member, lane, chosen[i], found[i]) then leased_of[lane] = (leased_of[lane] or 0) + 1 end
  end
  -- Those that were chosen are the first of their lanes.
  for lane, number in pairs(of_lane) do
    call('ZREMRANGEBYRANK', K .. 'ready:' .. lane, 0, number - 1)
    lanes_ready[lane] = true
    count_by(lane, PENDING, -number)
    count_by(lane, RUNNING, leased_of[lane] or 0)
  end
  flush()
end

if take then
  for w, want in ipairs(take.wants) do
    if want.limit > 0 and next(want.names) then claim(want) end
    credits[w] = take.shared and want.credits or {}
  end
  if #running > 0 then
    chunked('SADD', 'run:' .. take.session, running)
    call('SADD', K .. 'runners', take.session)
    if expiring[1] then
      chunked('ZREM', 'expiring', running)
      expiring = first_expiring()
    end
  end
end
if live then call('HSET', K .. 'session:' .. turn_of, writer, int(turn)) end
if finished then ring_done() end
if waiting then ring_work() end

-- What the node must know of the time to come.
local next_due, next_expiry = '', ''
for i = 1, #with_due, 2 do
  local queue, name = string.match(with_due[i], '^([^:]+):(.+)$')
  local named = not take
  if take and by_queue[queue] then
    for _, want in ipairs(take.wants) do named = named or want.names[name] end
  end
  if named then
    next_due = int(math.max(0, with_due[i + 1] - wall))
    break
  end
end
if expiring[2] then next_expiry = int(math.max(0, expiring[2] - wall)) end
local cancel = {}
for id in pairs(take and shall_end(take.session) or {}) do cancel[#cancel + 1] = id end

local answer = {'ok', table.concat(settled), next_due, next_expiry, known[2] or '0', cancel, credits}
if #taken > 0 then
  local args, extra = fetched('args', taken), fetched('extra', taken)
  local again = {}
  for i, id in ipairs(taken) do
    if not string.find(taken_lines[i], '^2 %d+ 1 ') then again[#again + 1] = id end
  end
  local errors, kept_logs = {}, {}
  for i, text in ipairs(fetched('error', again)) do errors[again[i]] = text end
  if not keep then
    for i, text in ipairs(fetched('log', again)) do kept_logs[again[i]] = text end
  end
  for i, id in ipairs(taken) do
    local n = #answer
    answer[n + 1], answer[n + 2] = id, taken_lines[i]
    answer[n + 3], answer[n + 4] = args[i], extra[i]
    answer[n + 5], answer[n + 6] = errors[id] or false, kept_logs[id] or false
  end
end
return answer
