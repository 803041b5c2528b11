-- One turn of a node: outcomes, progress, what is due, and the next claim. Returns {'stale'} or {'late'} when nothing
-- was done, else {'ok', a digit for each settlement, next due or '', next expiry or '', number of the last reload,
-- ids to cancel, credits of each want, and of the taken tasks: ids, lines, lanes (lane, how many of it, …), args,
-- extra ({}: none has any), and errors and logs (which of them by number, text, …)}. The digits: 1 settled, 0 refused,
-- 2 refused as the task shall end and not wait.
--
-- ARGV: whether results are kept; the session whose turn it is, the writer, the number of the turn; then settlements,
-- progress and claim as read below. Who settles a task, or tells of it, names the head of the line that the task has
-- while it runs: state, attempt, counter, session. Nobody else changes it before its session is dead. An outcome or
-- progress that an earlier turn told, whose answer did not come, names that turn (`since`): if it happened, it is not
-- told twice. No task stands twice among the settlements.
local turn = {keep = arg() == '1', now = int(wall), finished = false, waiting = false}
local turn_of, writer, number = arg(), 'turn:' .. arg(), num()
local live = turn_of ~= '' and alive(turn_of)
local known = live and call('HMGET', K .. 'session:' .. turn_of, writer, 'asked') or {}
local last = tonumber(known[1] or 0)
if last >= number then return {'late'} end
function turn.happened(since) return since ~= nil and last >= since end

local unwanted = {}  -- by session: what of it shall end
function turn.shall_end(session)
  if not unwanted[session] then unwanted[session] = to_cancel(session) end
  return unwanted[session]
end

local made
local function seldom()
  made = made or others(turn)
  return made
end

-- Tasks that ended as most do, with a result and nothing else to tell: in groups of one session, head, lane and new
-- state; of each task 1 id, 2 and 3 the new line before and after its time, 4 result.
local ids, ends = {}, {}
for g = 1, num() do
  local group = {session = arg(), head = arg(), lane = arg(), state = arg(), size = num()}
  group.first = at
  for word = at + 1, at + group.size * 4, 4 do ids[#ids + 1] = ARGV[word] end
  at = at + group.size * 4
  ends[g] = group
end
-- All others: 1 id, 2 session, 3 head, 4 lane, 5 the new state, 6 and 7 the new line before and after its time, 8 delay,
-- 9 priority, 10 place among the pending, 11 expiry, 12 result, 13 error, 14 progress, 15 log, 16 since, 17 since of the
-- log, 18 bytes of the log that were told then, 19 the lane that it leaves.
local ended, settlements = #ids, num()
local first = at
for word = at + 1, at + settlements * 19, 19 do ids[#ids + 1] = ARGV[word] end
at = at + settlements * 19
local updates = {}
for i = 1, num() do
  updates[i] = {id = arg(), session = arg(), head = arg(), progress = arg(), log = arg(), since = num(), told = num()}
  ids[#ids + 1] = updates[i].id
end
local take = arg() == '1' and {session = arg(), node = arg(), queues = {}, weights = {}, wants = {}}
if take then
  if not alive(take.session) then return {'stale'} end
  take.shared = arg() == '1'
  for i = 1, num() do
    take.queues[i] = arg()
    if take.shared then take.weights[i] = num() end
  end
  for i = 1, num() do
    local want = {limit = num(), names = {}, credits = {}}
    for _ = 1, num() do want.names[arg()] = true end
    for c = 1, num() do want.credits[c] = num() end
    if take.shared and #want.credits ~= #take.queues then
      for c = 1, #take.queues do want.credits[c] = 0 end
    end
    take.wants[i] = want
  end
  local held = num()
  if held >= 0 then
    take.holds = {}
    for _ = 1, held do take.holds[arg()] = true end
  end
end
local lines = fetched('state', ids)
if_there_is_room()

local settled, written, results = {}, {}, {}
local function cancelled_in_time(session, done)
  local marked, list = turn.shall_end(session), {}
  if not next(marked) then return end
  for _, id in ipairs(done) do
    if marked[id] then
      marked[id] = nil
      list[#list + 1] = id
    end
  end
  chunked('SREM', 'cancel:' .. session, list)
end

if #updates > 0 then
  seldom().update_all(updates, lines, ended + settlements)
  made.flush()  -- first: a task whose outcome another backend keeps leaves nothing of it here
end
local refused = 0
for _, group in ipairs(ends) do
  local head, size, word = group.head, #group.head, group.first
  local can, done, by_time, now = alive(group.session), {}, {}, turn.now
  for _ = 1, group.size do
    local nth = #settled + 1
    local id, line = ids[nth], lines[nth]
    if can and line and sub(line, 1, size) == head then
      settled[nth] = '1'
      local n = #done
      done[n + 1], by_time[2 * n + 1], by_time[2 * n + 2] = id, now, id
      n = #written
      written[n + 1], written[n + 2] = id, ARGV[word + 2] .. now .. ARGV[word + 3]
      local result = ARGV[word + 4]
      if result ~= '' and turn.keep then
        n = #results
        results[n + 1], results[n + 2] = id, result
      end
    else
      settled[nth] = '0'
      if not line or not seldom().bury_damaged(id, group.session, group.lane, line) then refused = refused + 1 end
    end
    word = word + 4
  end
  if #done > 0 then
    cancelled_in_time(group.session, done)
    chunked('SREM', 'run:' .. group.session, done)
    chunked('ZADD', 'done:' .. group.state, by_time)
    count_by(group.lane, RUNNING, -#done)
    count_by(group.lane, group.state, #done)
    if not turn.keep then
      for _, key in ipairs(TEXTS) do chunked('HDEL', key, done) end
    end
    turn.finished = true
  end
end
stale('settlements', refused)
chunked('HSET', 'state', written)
chunked('HSET', 'result', results)
if settlements > 0 then seldom().settle_all(first, settlements, lines, ended, settled) end
if made then made.flush() end
if take and take.holds then seldom().give_back_strays(take.session, take.holds) end

local function first_expiring() return call('ZRANGE', K .. 'expiring', 0, 0, 'WITHSCORES') end
local function lanes_with_due() return call('ZRANGE', K .. 'due', 0, -1, 'WITHSCORES') end
local function has_come(row) return row[2] and tonumber(row[2]) <= wall end

local expiring = first_expiring()
if has_come(expiring) then
  seldom().expire()
  expiring = first_expiring()
end
local with_due = lanes_with_due()
if has_come(with_due) then
  seldom().make_due_pending()
  with_due = lanes_with_due()
end

local by_queue, with_pending = {}, {}
if take then
  with_pending = call('SMEMBERS', K .. 'lanes')
  local paused = {}
  for _, queue in ipairs(call('SMEMBERS', K .. 'paused')) do paused[queue] = true end
  for i, queue in ipairs(take.queues) do
    if not paused[queue] and not by_queue[queue] then by_queue[queue] = i end
  end
end

-- The lanes that have something for the want, and the groups they are in.
local function lanes_for(want)
  local lanes, group_of = {}, {}
  for _, lane in ipairs(with_pending) do
    local queue, name = match(lane, '^([^:]+):(.+)$')
    if by_queue[queue] and want.names[name] then
      lanes[#lanes + 1] = lane
      group_of[lane] = take.shared and by_queue[queue] or 1
    end
  end
  return lanes, group_of
end

-- Leases the chosen members to the session: only the beginning of a line changes, and no more of it is looked at.
local taken = {ids = {}, lines = {}, lanes = {}, again = {}}
local forget_progress = {}
local tail = take and ' ' .. take.session .. ' ' .. turn.now .. ' ' .. take.node .. ' '
local NEVER_LEASED = '1 0 0 - - - '
local function leased(line)
  if sub(line, 1, 12) == NEVER_LEASED then return '2 1 1' .. tail .. sub(line, 13) end
  local attempt, counter, other = match(line, '^1 (%d+) (%d+) %S+ %S+ %S+ ()')
  if not attempt then return nil end
  return '2 ' .. int(attempt + 1) .. ' ' .. int(counter + 1) .. tail .. sub(line, other), counter ~= '0'
end

local function count_taken(lane)
  local n = #taken.lanes
  if taken.lanes[n - 1] ~= lane then
    n = n + 2
    taken.lanes[n - 1], taken.lanes[n] = lane, 0
  end
  taken.lanes[n] = taken.lanes[n] + 1
end

local function claim(want)
  local lanes, group_of = lanes_for(want)
  if #lanes == 0 then return end
  local members, from
  if #lanes == 1 and not take.shared then
    members = call('ZRANGE', K .. 'ready:' .. lanes[1], 0, want.limit - 1)
  else
    members, from = seldom().merged(take, want, lanes, group_of)
  end
  local chosen, of_lane, changed = {}, {}, {}
  for i, member in ipairs(members) do chosen[i] = sub(member, 18) end
  local found = fetched('state', chosen)
  for i, id in ipairs(chosen) do
    local lane = from and from[i] or lanes[1]
    of_lane[lane] = (of_lane[lane] or 0) + 1
    local line, again = leased(found[i] or '')
    if line then
      local n, c = #taken.ids + 1, #changed
      taken.ids[n], taken.lines[n] = id, line
      changed[c + 1], changed[c + 2] = id, line
      count_taken(lane)
      if again then taken.again[#taken.again + 1], forget_progress[#forget_progress + 1] = n, id end
    else
      seldom().condemn_claimed(members[i], lane, id, found[i])
    end
  end
  -- Those that were chosen are the first of their lanes.
  for lane, total in pairs(of_lane) do
    call('ZREMRANGEBYRANK', K .. 'ready:' .. lane, 0, total - 1)
    if call('EXISTS', K .. 'ready:' .. lane) == 0 then call('SREM', K .. 'lanes', lane) end
    count_by(lane, PENDING, -total)
  end
  chunked('HSET', 'state', changed)
  if made then made.flush() end
end

local credits = {}
if take then
  for w, want in ipairs(take.wants) do
    if want.limit > 0 and next(want.names) then claim(want) end
    credits[w] = take.shared and want.credits or {}
  end
  if #taken.ids > 0 then
    for n = 1, #taken.lanes, 2 do count_by(taken.lanes[n], RUNNING, taken.lanes[n + 1]) end
    chunked('SADD', 'run:' .. take.session, taken.ids)
    call('SADD', K .. 'runners', take.session)
    chunked('HDEL', 'progress', forget_progress)
    if expiring[1] then
      chunked('ZREM', 'expiring', taken.ids)
      expiring = first_expiring()
    end
  end
end
write_counts()
if live then call('HSET', K .. 'session:' .. turn_of, writer, int(number)) end
if turn.finished then ring_done() end
if turn.waiting then ring_work() end

-- What the node must know of the time to come.
local next_due, next_expiry = '', ''
for i = 1, #with_due, 2 do
  local queue, name = match(with_due[i], '^([^:]+):(.+)$')
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
for id in pairs(take and turn.shall_end(take.session) or {}) do cancel[#cancel + 1] = id end

local answer = {'ok', table.concat(settled), next_due, next_expiry, known[2] or '0', cancel, credits}
if #taken.ids == 0 then return answer end

-- Texts that only tasks have which ran before.
local function texts_of_again(key)
  local again, out = {}, {}
  for i, n in ipairs(taken.again) do again[i] = taken.ids[n] end
  for i, text in ipairs(fetched(key, again)) do
    if text then out[#out + 1], out[#out + 2] = taken.again[i], text end
  end
  return out
end
answer[8], answer[9], answer[10] = taken.ids, taken.lines, taken.lanes
answer[11] = fetched('args', taken.ids)
answer[12] = call('EXISTS', K .. 'extra') == 1 and fetched('extra', taken.ids) or {}
answer[13] = texts_of_again('error')
answer[14] = turn.keep and {} or texts_of_again('log')
return answer
