-- What an exchange does seldom, or for single tasks. Stands behind tasks.lua, with it within the function others(turn)
-- of the exchange, which makes all this only when it is needed. `turn`: keep, now, finished, waiting, and the functions
-- happened(since) and shall_end(session).
local function shall_end(session) return turn.shall_end(session) end

-- A claimed task whose line does not begin as one of a pending task: it is failed, if the line cannot be read, and else
-- not touched, as it stood among the pending ones by mistake. Returns whether it was counted there.
local function condemn_claimed(id, seq, lane, line)
  turn.waiting = true  -- it took the place of another, which is to be looked for
  local task = line and parsed(line)
  if task and task[STATE] ~= PENDING then return false end
  damaged[id] = line or ''
  condemn(id, int(seq), lane)
  turn.finished = true
  return true
end

-- Moves a task from those that run to where its new state belongs. `word`: where its words begin in ARGV.
local function settle(word)
  local id, session, lane, to = ARGV[word + 1], ARGV[word + 2], ARGV[word + 4], ARGV[word + 5]
  local ends = FINAL[to]
  local marked = shall_end(session)
  if not ends and marked[id] then return '2' end
  into(drops, 'run:' .. session, id)
  if marked[id] then
    marked[id] = nil
    into(drops, 'cancel:' .. session, id)
  end
  count_by(ARGV[word + 18], RUNNING, -1)
  count_by(lane, to, 1)
  local time = ends and turn.now or '-'
  if ends then
    into(adds, 'done:' .. to, turn.now, id)
    turn.finished = true
  elseif to == PENDING then
    into(adds, 'ready:' .. lane, ARGV[word + 9], ARGV[word + 10])
    lanes_ready[lane] = true
  else
    time = int(wall + ARGV[word + 8])
    into(adds, 'due:' .. lane, time, id)
    lanes_due[lane] = true
  end
  if not ends then
    turn.waiting = true
    if ARGV[word + 11] ~= '' then into(adds, 'expiring', ARGV[word + 11], id) end
  end
  set_line(id, ARGV[word + 6] .. time .. ARGV[word + 7])
  if ends and not turn.keep then
    for _, key in ipairs(TEXTS) do clear(key, id) end
    return '1'
  end
  local error, progress, log = ARGV[word + 12], ARGV[word + 13], ARGV[word + 14]
  if error ~= '' then set('error', id, error) elseif to ~= PENDING then clear('error', id) end
  if progress ~= '' then set('progress', id, progress) end
  if log ~= '' then
    append_log(id, turn.happened(tonumber(ARGV[word + 16])) and sub(log, ARGV[word + 17] + 1) or log)
  end
  return '1'
end

-- The settlements in ARGV behind `first`; `running`: of which their session still has the task. That counts first: no
-- earlier turn has settled it then, whichever of them happened.
local function settle_all(first, running, settled)
  local refused = 0
  for i, runs in ipairs(running) do
    local word = first + (i - 1) * 18
    local since = tonumber(ARGV[word + 15])
    local digit = runs and settle(word) or turn.happened(since) and '1' or '0'
    if digit == '0' then refused = refused + 1 end
    settled[#settled + 1] = digit
  end
  stale('settlements', refused)
end

-- What running tasks say.
local function update_all(updates)
  local refused = 0
  for _, update in ipairs(updates) do
    if update.runs then
      if update.progress ~= '' then set('progress', update.id, update.progress) end
      append_log(update.id, turn.happened(update.since) and sub(update.log, update.told + 1) or update.log)
    elseif not turn.happened(update.since) then
      refused = refused + 1
    end
  end
  stale('progress', refused)
end

-- What the session was given in a turn whose answer never came.
local function give_back_strays(session, holds)
  local strays, marked = {}, shall_end(session)
  for _, id in ipairs(call('HKEYS', K .. 'run:' .. session)) do
    if not holds[id] then strays[#strays + 1] = id end
  end
  for_each(strays, function(id, task)
    if task and task[STATE] == RUNNING and marked[id] then
      end_waiting(task, CANCELLED, CANCELLED_RUNNING)
      marked[id] = nil
      if not turn.keep then bury(task) end
      turn.finished = true
    elseif task and task[STATE] == RUNNING then
      give_back(task, true, false, false)
      turn.waiting = true
    elseif damaged[id] then
      condemn_running(id, session)
      turn.finished = true
    end
  end)
end

-- So many at once: the rest is left to the next turn.
local MOST = 1000

-- True when there may be more.
local function expire()
  local ids = call('ZRANGEBYSCORE', K .. 'expiring', '-inf', turn.now, 'LIMIT', 0, MOST)
  for_each(ids, function(id, task)
    if task then
      end_waiting(task, EXPIRED, EXPIRED_WAITING)
      turn.finished = true
    else  -- its place in another index is where it is found to be damaged
      into(drops, 'expiring', id)
    end
  end)
  return #ids == MOST
end

local function make_due_pending()
  for _, lane in ipairs(call('ZRANGEBYSCORE', K .. 'due', '-inf', turn.now)) do
    local ids = call('ZRANGEBYSCORE', K .. 'due:' .. lane, '-inf', turn.now, 'LIMIT', 0, MOST)
    lanes_due[lane] = true
    for_each(ids, function(id, task)
      if task then
        leave(task)
        task[STATE], task[TIME] = PENDING, '-'
        enter(task)
      else
        into(drops, 'due:' .. lane, id)
        if damaged[id] then
          count_by(lane, SCHEDULED, -1)
          condemn(id, '0', lane)
          turn.finished = true
        end
      end
    end)
  end
  flush()
end

-- The walk that is at the best task of all.
local function best_of(walks)
  local best, best_score, best_seq
  for _, each in ipairs(walks) do
    if each.used < each.size or next_block(each) then
      local score, seq = tonumber(each.score), each.blocks[#each.blocks].first + each.used
      if not best or score < best_score or (score == best_score and seq < best_seq) then
        best, best_score, best_seq = each, score, seq
      end
    end
  end
  return best
end

-- The group whose turn it is: smooth weighted round robin, as store/fair_share.hpp.
local function next_group(take, groups, want)
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

-- Chooses among several lanes: ids in the order of their lanes' turns, with their lanes, and the walks by lane.
local function merged(take, want, lanes, group_of)
  local groups, walks, ids, from = {}, {}, {}, {}
  for i = 1, take.shared and #take.queues or 1 do groups[i] = {} end
  for _, lane in ipairs(lanes) do
    local group, each = groups[group_of[lane]], walk(lane, math.ceil(want.limit / #lanes))
    group[#group + 1], walks[lane] = each, each
  end
  while #ids < want.limit do
    local group = next_group(take, groups, want)
    if not group then break end
    local best, n = best_of(groups[group]), #ids + 1
    best.used = best.used + 1
    ids[n], from[n] = best.ids[#best.ids - best.size + best.used], best.lane
  end
  for _, each in pairs(walks) do end_walk(each) end
  return ids, from, walks
end

return {condemn_claimed = condemn_claimed, settle_all = settle_all, update_all = update_all,
  give_back_strays = give_back_strays, expire = expire, make_due_pending = make_due_pending, merged = merged,
  flush = flush}
