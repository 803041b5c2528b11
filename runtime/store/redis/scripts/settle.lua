-- One turn of a node: outcomes, progress, what is due, and the next claim. Returns {'stale'} or {'late'} when nothing
-- was done, else {'ok', a digit for each settlement, next due or '', next expiry or '', number of the last reload,
-- ids to cancel, credits of each want, for each taken task: id, line, args, extra, error, log}.
--
-- ARGV: whether results are kept; the session whose turn it is, the writer, the number of the turn; then settlements,
-- progress and claim as read below. An outcome or progress that an earlier turn told, whose answer did not come, names
-- that turn (`since`): if it happened, it is not told twice.
local keep = arg() == '1'
local turn_of, writer, turn = arg(), 'turn:' .. arg(), num()
local live = turn_of ~= '' and alive(turn_of)
local last = live and tonumber(call('HGET', K .. 'session:' .. turn_of, writer)) or 0
if last >= turn then return {'late'} end

-- Read everything first.
local settlements, updates, ids = {}, {}, {}
for i = 1, num() do
  settlements[i] = {id = arg(), session = arg(), counter = arg(), to = arg(), delay = num(), refund = arg() == '1',
    counts_refund = arg() == '1', suspect = arg() == '1', crashed = arg() == '1', since = num(), result = arg(),
    error = arg(), cpu = arg(), rss = arg(), progress = arg(), log = arg(), log_since = num(), told = num()}
  ids[#ids + 1] = settlements[i].id
end
for i = 1, num() do
  updates[i] = {id = arg(), session = arg(), counter = arg(), progress = arg(), log = arg(), log_since = num(), told = num()}
  ids[#ids + 1] = updates[i].id
end
local take = arg() == '1' and {session = arg(), node = arg(), queues = {}, weights = {}, wants = {}}
if take then
  if not alive(take.session) then return {'stale'} end
  local shared = arg() == '1'
  for i = 1, num() do
    take.queues[i] = arg()
    if shared then take.weights[i] = num() end
  end
  take.shared = shared
  for i = 1, num() do
    local want = {limit = num(), names = {}, credits = {}}
    for _ = 1, num() do want.names[arg()] = true end
    for c = 1, num() do want.credits[c] = num() end
    if shared and #want.credits ~= #take.queues then
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
load(ids)

local finished, waiting = false, false
local function told(task) if FINAL[task[STATE]] then finished = true else waiting = true end end

local function happened(since) return since ~= nil and last >= since end
local function new_lines(said) return happened(said.log_since) and string.sub(said.log, said.told + 1) or said.log end

local function holder(lease)
  local task = tasks[lease.id]
  return task and task[STATE] == RUNNING and task[SESSION] == lease.session and task[COUNTER] == lease.counter and
    alive(lease.session) and task
end

local MAY_BECOME = {[SUCCESS] = true, [FAILED] = true, [CANCELLED] = true, [EXPIRED] = true, [RETRYING] = true,
  [PENDING] = true}
local function settle(task, how)
  local to, error = how.to, how.error
  if not MAY_BECOME[to] then return false end
  if task[CANCEL] == '1' and not FINAL[to] then to, error = CANCELLED, CANCELLED_RUNNING end
  local buried = FINAL[to] and not keep
  if not buried then append_log(task.id, new_lines(how)) end
  if how.crashed then task[CRASHES] = int(task[CRASHES] + 1) end
  if to == PENDING then
    give_back(task, how.refund, how.counts_refund, how.suspect)
    return true
  end
  task[CPU], task[RSS] = how.cpu, how.rss
  if buried then
    finish(task, to)
    bury(task)
    return true
  end
  if error ~= '' then set('error', task.id, error) elseif task[COUNTER] ~= '1' then clear('error', task.id) end
  if how.progress ~= '' then set('progress', task.id, how.progress) end
  if to == RETRYING then
    leave(task)
    task[STATE], task[DUE], task[SUSPECT], task[SESSION] = RETRYING, int(wall + how.delay), '0', '-'
    enter(task)
    return true
  end
  if how.result ~= '' then set('result', task.id, how.result) end
  finish(task, to)
  return true
end

local refused = 0
for _, update in ipairs(updates) do
  local task = holder(update)
  if task then
    if update.progress ~= '' then set('progress', task.id, update.progress) end
    append_log(task.id, new_lines(update))
  elseif not happened(update.log_since) then
    refused = refused + 1
  end
end
stale('progress', refused)

local settled = {}
refused = 0
for i, how in ipairs(settlements) do
  local task = not happened(how.since) and holder(how)
  settled[i] = '0'
  if happened(how.since) then
    settled[i] = '1'
  elseif not task then
    refused = refused + 1
  elseif settle(task, how) then
    settled[i] = '1'
    told(task)
  end
end
stale('settlements', refused)
