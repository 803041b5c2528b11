-- One turn of a node: outcomes, progress, what is due, and the next claim. Returns {'stale'} or {'late'} when nothing
-- was done, else {'ok', a digit for each settlement, next due or '', next expiry or '', number of the last reload,
-- ids to cancel, credits of each want, and of the taken tasks: ids, lines as they were before with their texts, lanes
-- (lane, how many of it, …), extra ({}: none has any), and errors and logs (which of them by number, text, …); and what
-- all their lines have now between counter and lane}. The digits: 1 settled, 0 refused, 2 refused as the task shall end
-- and not wait.
--
-- ARGV: whether results are kept; the session whose turn it is, the writer, the number of the turn, the time of its
-- ends, whether it may announce: it ends one task then, with a line that says all that is new of it; then settlements,
-- progress and claim as read below. Who settles a task, or tells of it, names the beginning of its line while it runs,
-- which stands in `run:` of its session. Nobody else takes it from there before that session is dead. An outcome or
-- progress that an earlier turn told, whose answer did not come, names that turn (`since`): if it happened, it is not
-- told twice. No task stands twice among the settlements.
local turn = {keep = arg() == '1', now = int(wall), finished = false, waiting = false}
local turn_of, writer, number, ended_at = arg(), 'turn:' .. arg(), num(), arg()
local announces = arg() == '1'
local known = turn_of ~= '' and call('HMGET', K .. 'session:' .. turn_of, writer, 'asked', 'until') or {}
local live = turn_of ~= '' and lives_until(turn_of, known[3])
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

-- Tasks that ended as most do, with a result and nothing else to tell: in groups of one session, beginning, lane and
-- new state; of each task 1 id, 2 the new line with its texts. Their time is the server's as the node knows it.
local ends = {}
for g = 1, num() do
  local group = {session = arg(), beginning = arg(), lane = arg(), state = arg(), size = num(), ids = {}}
  group.first = at
  for i = 1, group.size do group.ids[i] = ARGV[at + 2 * i - 1] end
  at = at + group.size * 2
  group.beginnings = fetched('run:' .. group.session, group.ids)
  ends[g] = group
end
local function runs(id, session, beginning)
  return beginning ~= '' and call('HGET', K .. 'run:' .. session, id) == beginning and alive(session)
end
-- All others: 1 id, 2 session, 3 beginning, 4 lane, 5 the new state, 6 and 7 the new line before and after its time,
-- the latter with its texts, 8 delay, 9 priority, 10 place among the pending, 11 expiry, 12 error, 13 progress, 14
-- log, 15 since, 16 since of the log, 17 bytes of the log that were told then, 18 the lane that it leaves.
local settlements, running = num(), {}
local first = at
for i = 1, settlements do
  running[i] = runs(ARGV[at + 1], ARGV[at + 2], ARGV[at + 3])
  at = at + 18
end
local updates = {}
for i = 1, num() do
  local id = arg()
  updates[i] = {id = id, runs = runs(id, arg(), arg()), progress = arg(), log = arg(), since = num(), told = num()}
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
-- Refused where there is no room. From here on the turn counts as one that happened.
if live then call('HSET', K .. 'session:' .. turn_of, writer, int(number)) else if_there_is_room() end

local settled = {}
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
  seldom().update_all(updates)
  made.flush()  -- first: a task whose outcome another backend keeps leaves nothing of it here
end
local refused, announced = 0, nil
for _, group in ipairs(ends) do
  local has, done, by_time = {}, group.ids, {}
  if alive(group.session) then has = group.beginnings end
  local lost = 0
  for i = 1, group.size do
    if has[i] ~= group.beginning then lost = lost + 1 end
  end
  if lost == 0 then
    settled[#settled + 1] = string.rep('1', group.size)
    chunked('HSET', 'state', ARGV, group.first + 1, group.first + 2 * group.size)
  else
    refused, done = refused + lost, {}
    local lines = {}
    for i, id in ipairs(group.ids) do
      local good = has[i] == group.beginning
      settled[#settled + 1] = good and '1' or '0'
      if good then
        done[#done + 1] = id
        lines[#lines + 1], lines[#lines + 2] = id, ARGV[group.first + 2 * i]
      end
    end
    chunked('HSET', 'state', lines)
  end
  if #done > 0 then
    for i, id in ipairs(done) do by_time[2 * i - 1], by_time[2 * i] = ended_at, id end
    cancelled_in_time(group.session, done)
    group.done = done
    chunked('ZADD', 'done:' .. group.state, by_time)
    count_moved(group.lane, RUNNING, group.state, #done)
    if not turn.keep then
      for _, key in ipairs(TEXTS) do chunked('HDEL', key, done) end
    end
    if announces and lost == 0 then
      announced = done[1] .. ' ' .. ARGV[group.first + 2]
    else
      turn.finished = true
    end
  end
end
stale('settlements', refused)
if settlements > 0 then seldom().settle_all(first, running, settled) end
if made then made.flush() end
if take and take.holds then seldom().give_back_strays(take.session, take.holds) end

local function first_expiring() return call('ZRANGE', K .. 'expiring', 0, 0, 'WITHSCORES') end
local function lanes_with_due() return call('ZRANGE', K .. 'due', 0, -1, 'WITHSCORES') end
local function has_come(row) return row[2] and tonumber(row[2]) <= wall end

local looks = take or #ends + settlements + #updates == 0  -- who only tells leaves the rest to the next turn
-- Whether there is anything of what seldom exists.
local rare = looks and
  call('EXISTS', K .. 'expiring', K .. 'due', K .. 'extra', K .. 'cancel:' .. (take and take.session or '')) > 0
local expiring, more_expire = rare and first_expiring() or {}, false
if has_come(expiring) then
  more_expire = seldom().expire()
  expiring = first_expiring()
end
local with_due = rare and lanes_with_due() or {}
if has_come(with_due) then
  seldom().make_due_pending()
  with_due = lanes_with_due()
end

local by_queue, with_pending = {}, {}
if take then
  local paused = {}
  for _, name in ipairs(call('SUNION', K .. 'lanes', K .. 'paused')) do
    if find(name, ':', 1, true) then with_pending[#with_pending + 1] = name else paused[name] = true end
  end
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

-- Leases the chosen members to the session, which has the beginnings of their lines from then on.
local taken = {ids = {}, lines = {}, lanes = {}, again = {}}
local forget_progress = {}
local tail = take and ' ' .. take.session .. ' ' .. turn.now .. ' ' .. take.node
local NEVER_LEASED, FIRST = '1 0 0 - - - ', take and '2 1 1' .. tail
local function beginning_of(line)
  local attempt, counter = match(line, '^1 (%d+) (%d+) %S+ %S+ %S+ ')
  return attempt and #attempt < 10 and #counter < 16 and '2 ' .. int(attempt + 1) .. ' ' .. int(counter + 1) .. tail
end

local function claim(want)
  local lanes, group_of = lanes_for(want)
  if #lanes == 0 then return end
  local chosen, from, walks
  if #lanes == 1 and not take.shared then
    walks = {[lanes[1]] = walk(lanes[1], want.limit)}
    chosen = use_all(walks[lanes[1]])
  else
    chosen, from, walks = seldom().merged(take, want, lanes, group_of)
  end
  local begun, stretches, stretch = {}, {}, {}
  local found = fetched('state', chosen)
  local ids, lines, n, b = taken.ids, taken.lines, #taken.ids, 0
  for i, id in ipairs(chosen) do
    local lane, line = from and from[i] or lanes[1], found[i]
    if lane ~= stretch.lane then
      stretch = {lane = lane, chosen = 0, given = 0}
      stretches[#stretches + 1] = stretch
    end
    stretch.chosen = stretch.chosen + 1
    local never = line and sub(line, 1, 12) == NEVER_LEASED
    local beginning = never and FIRST or beginning_of(line or '')
    if beginning then
      n, b, stretch.given = n + 1, b + 2, stretch.given + 1
      ids[n], lines[n] = id, line
      begun[b - 1], begun[b] = id, beginning
      if not never then taken.again[#taken.again + 1], forget_progress[#forget_progress + 1] = n, id end
    elseif not seldom().condemn_claimed(id, arrival_in(walks[lane], id), lane, line) then
      stretch.chosen = stretch.chosen - 1
    end
  end
  for _, each in ipairs(stretches) do
    local lane = each.lane
    count_moved(lane, PENDING, RUNNING, each.given)
    count_by(lane, PENDING, each.given - each.chosen)
    taken.lanes[#taken.lanes + 1], taken.lanes[#taken.lanes + 2] = lane, each.given
  end
  for lane, walked in pairs(walks) do
    take_used(walked)
    local emptied = not from and #chosen < want.limit
    if emptied or call('EXISTS', K .. 'ready:' .. lane) == 0 then call('SREM', K .. 'lanes', lane) end
  end
  if b > 0 then chunked('HSET', 'run:' .. take.session, begun) end
  if made then made.flush() end
end

local credits = {}
if take then
  for w, want in ipairs(take.wants) do
    if want.limit > 0 and next(want.names) and not more_expire then claim(want) end
    credits[w] = take.shared and want.credits or {}
  end
  if #taken.ids > 0 then
    chunked('HDEL', 'progress', forget_progress)
    if expiring[1] then
      chunked('ZREM', 'expiring', taken.ids)
      expiring = first_expiring()
    end
  end
end
-- After the claim: a table that is emptied shrinks, to grow again.
for _, group in ipairs(ends) do
  if group.done then chunked('HDEL', 'run:' .. group.session, group.done) end
end
write_counts()
if turn.finished then ring_done() elseif announced then ring_done(announced) end
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
if more_expire then next_due = '0' end
if expiring[2] then next_expiry = int(math.max(0, expiring[2] - wall)) end
local cancel = {}
for id in pairs(take and rare and turn.shall_end(take.session) or {}) do cancel[#cancel + 1] = id end

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
answer[11] = rare and fetched('extra', taken.ids) or {}
answer[12] = texts_of_again('error')
answer[13] = turn.keep and {} or texts_of_again('log')
answer[14] = tail
return answer
