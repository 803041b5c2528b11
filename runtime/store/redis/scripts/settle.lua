-- One turn of a node: outcomes, progress, what is due, and the next claim. Returns {'stale'} or {'late'} when nothing
-- was done, else {'ok', a digit for each settlement, next due or '', next expiry or '', number of the last reload,
-- ids to cancel, credits of each want, for each taken task: id, line, args, extra, error, log}. The digits: 1 settled,
-- 0 refused, 2 refused as the task shall end and not wait.
--
-- ARGV: whether results are kept; the session whose turn it is, the writer, the number of the turn; then settlements,
-- progress and claim as read below. Who settles a task, or tells of it, names the line that the task has while it
-- runs: nobody else changes it before its session is dead. An outcome or progress that an earlier turn told, whose
-- answer did not come, names that turn (`since`): if it happened, it is not told twice.
local keep = arg() == '1'
local turn_of, writer, turn = arg(), 'turn:' .. arg(), num()
local live = turn_of ~= '' and alive(turn_of)
local known = live and call('HMGET', K .. 'session:' .. turn_of, writer, 'asked') or {}
local last = tonumber(known[1] or 0)
if last >= turn then return {'late'} end
local function happened(since) return since ~= nil and last >= since end

-- Look first: nothing is written before all is known to fit. Settlements stand in ARGV, S words each:
-- 1 id, 2 session, 3 line, 4 lane, 5 the new state, 6 and 7 the new line before and after its time, 8 delay,
-- 9 priority, 10 place among the pending, 11 expiry, 12 result, 13 error, 14 progress, 15 log, 16 since,
-- 17 since of the log, 18 bytes of the log that were told then, 19 the lane that it leaves.
local S = 19
local settlements = num()
local first = at
at = at + settlements * S
local updates, ids = {}, {}
for i = 1, settlements do ids[i] = ARGV[first + (i - 1) * S + 1] end
for i = 1, num() do
  updates[i] = {id = arg(), session = arg(), line = arg(), progress = arg(), log = arg(), since = num(), told = num()}
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
local now = int(wall)

if_there_is_room()
local refused = 0
for i, update in ipairs(updates) do
  if lines[settlements + i] == update.line and alive(update.session) then
    if update.progress ~= '' then set('progress', update.id, update.progress) end
    append_log(update.id, happened(update.since) and string.sub(update.log, update.told + 1) or update.log)
  elseif not happened(update.since) then
    refused = refused + 1
  end
end
stale('progress', refused)

-- Moves a task from those that run to where its new state belongs.
local finished, waiting = false, false
local unwanted = {}  -- by session: what of it shall end
local function shall_end(session)
  if not unwanted[session] then unwanted[session] = to_cancel(session) end
  return unwanted[session]
end
local left, ended = {}, {}
local function settle(word)
  local id, session, lane, to = ARGV[word + 1], ARGV[word + 2], ARGV[word + 4], ARGV[word + 5]
  local ends = FINAL[to]
  local marked = shall_end(session)
  if not ends and marked[id] then return '2' end
  into(left, session, id)
  if marked[id] then
    marked[id] = nil
    into(drops, 'cancel:' .. session, id)
  end
  count_by(ARGV[word + 19], RUNNING, -1)
  count_by(lane, to, 1)
  local time = ends and now or '-'
  if ends then
    into(ended, to, now, id)
    finished = true
  elseif to == PENDING then
    into(adds, 'ready:' .. lane, ARGV[word + 9], ARGV[word + 10])
    lanes_ready[lane] = true
  else
    time = int(wall + ARGV[word + 8])
    into(adds, 'due:' .. lane, time, id)
    lanes_due[lane] = true
  end
  if not ends then
    waiting = true
    if ARGV[word + 11] ~= '' then into(adds, 'expiring', ARGV[word + 11], id) end
  end
  set_line(id, ARGV[word + 6] .. time .. ARGV[word + 7])
  if ends and not keep then
    for _, key in ipairs(TEXTS) do clear(key, id) end
    return '1'
  end
  local result, error, progress, log = ARGV[word + 12], ARGV[word + 13], ARGV[word + 14], ARGV[word + 15]
  if result ~= '' then set('result', id, result) end
  if error ~= '' then set('error', id, error) elseif to ~= PENDING then clear('error', id) end
  if progress ~= '' then set('progress', id, progress) end
  if log ~= '' then
    append_log(id, happened(tonumber(ARGV[word + 17])) and string.sub(log, ARGV[word + 18] + 1) or log)
  end
  return '1'
end

-- The session's own task whose line somebody has damaged: it has no other chance.
local function bury_damaged(word, line)
  local id, session, lane = ARGV[word + 1], ARGV[word + 2], ARGV[word + 19]
  if not line or ARGV[word + 3] == '' or line_of(id) or string.match(line, LINE) or not alive(session) then return end
  damaged[id] = line
  count_by(lane, RUNNING, -1)
  condemn(id, '0', lane)
  into(left, session, id)
  finished = true
end

local settled = {}
refused = 0
for i = 1, settlements do
  local word = first + (i - 1) * S
  if ARGV[word + 16] ~= '' and happened(tonumber(ARGV[word + 16])) then
    settled[i] = '1'
  elseif lines[i] and lines[i] == ARGV[word + 3] and not line_of(ARGV[word + 1]) and alive(ARGV[word + 2]) then
    settled[i] = settle(word)
  else
    settled[i] = '0'
    refused = refused + 1
    bury_damaged(word, lines[i])
  end
end
stale('settlements', refused)
for session, list in pairs(left) do chunked('SREM', 'run:' .. session, list) end
for state, list in pairs(ended) do chunked('ZADD', 'done:' .. state, list) end
flush()
