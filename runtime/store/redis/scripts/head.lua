-- Behind start.lua: the arguments behind the times, one after the other, and what is small and needed by most scripts.
local at = 2
local function arg() at = at + 1; return ARGV[at] end
local function num() at = at + 1; return tonumber(ARGV[at]) end
local function rest()
  local out = {}
  for i = at + 1, #ARGV do out[#out + 1] = ARGV[i] end
  return out
end

local SCHEDULED, PENDING, RUNNING, RETRYING = '0', '1', '2', '3'
local SUCCESS, FAILED, CANCELLED, EXPIRED = '4', '5', '6', '7'
local TEXTS = {'extra', 'error', 'progress', 'log'}  -- hashes, by id
local FORM = 4

-- Lua can hand a command so many arguments at once.
local CHUNK = 4000
-- So many pending tasks stand in one member of `ready:LANE` at most (blocks.lua).
local BLOCK = 32
local function block_of(first, ids, from, to) return format('%016.0f:', first) .. table.concat(ids, ' ', from, to) end
-- So many tasks are looked at at once where there may be many: the texts behind their lines may be large.
local SLICE = 32
local function chunked(command, key, list, from, to)
  from, to = from or 1, to or #list
  for first = from, to, CHUNK do call(command, K .. key, unpack(list, first, math.min(first + CHUNK - 1, to))) end
end
local function fetched(key, ids)
  if #ids <= CHUNK then return #ids > 0 and call('HMGET', K .. key, unpack(ids)) or {} end
  local out = {}
  for first = 1, #ids, CHUNK do
    for _, value in ipairs(call('HMGET', K .. key, unpack(ids, first, math.min(first + CHUNK - 1, #ids)))) do
      out[#out + 1] = value
    end
  end
  return out
end

local function lane_queue(lane) return match(lane, '^[^:]+') end

-- How many tasks of a lane came into a state, or went from one to another (two digits), until write_counts().
local counts = {}
local function count_by(lane, state, by)
  local states = counts[lane]
  if not states then
    states = {}
    counts[lane] = states
  end
  states[state] = (states[state] or 0) + by
end
local function count_moved(lane, from, to, by) count_by(lane, from .. to, by) end
local function waits(state) return find(state, '[013]$') and 1 or 0 end
local function write_states(lane, states)
  for state, by in pairs(states) do
    if by ~= 0 then call('HINCRBY', K .. 'count', lane .. ':' .. state, by) end
  end
end
local function write_counts()
  for lane, states in pairs(counts) do
    write_states(lane, states)
    local waiting = 0
    for state, by in pairs(states) do waiting = waiting + by * (waits(state) - waits(sub(state, 1, -2))) end
    if waiting ~= 0 then call('HINCRBY', K .. 'waiting', lane_queue(lane), waiting) end
  end
  counts = {}
end

-- The tasks of a session that somebody wants to be cancelled, as a set.
local function to_cancel(session)
  local out = {}
  for _, id in ipairs(call('SMEMBERS', K .. 'cancel:' .. session)) do out[id] = true end
  return out
end

-- A server whose memory is full (OOM) refuses the first write of a script, but for one that can free memory; what the
-- script writes after that, it lets pass. So the first one decides. even_if_full() is for what is small and keeps the
-- work going, or makes room: sessions, cancelling. if_there_is_room() is for what adds work or outcomes, and does not
-- begin with such a write of its own.
local function even_if_full() call('DEL', K .. 'none') end
local function if_there_is_room() call('SETNX', K .. 'form', FORM) end

-- So many places in the order of arrival; the one before the first of them. Their tasks enter `all` in this order. If
-- `seq` was lost, it goes on behind the last place that was ever given, which the stream knows, but does not tell.
local function take_arrivals(many)
  local before = call('INCRBY', K .. 'seq', many) - many
  if before > 0 then return before end
  call('SETNX', K .. 'form', FORM)
  if call('EXISTS', K .. 'all') == 0 then return 0 end
  local last = call('XREVRANGE', K .. 'all', '+', '-', 'COUNT', 1)[1]
  before = last and tonumber((match(last[1], '^%d+'))) or 0
  for step = 0, 50 do
    local place = int(before + 2 ^ step)
    local entry = redis.pcall('XADD', K .. 'all', place .. '-0', 'id', '')
    if type(entry) == 'string' then
      call('XDEL', K .. 'all', entry)
      return call('INCRBY', K .. 'seq', place) - many
    end
  end
  error('the order of arrival is lost')
end

-- Enters a task there. An error where somebody began `seq` anew after it was lost: the next call finds it again. It can
-- only be the first of a call's, which comes before all that cannot be taken back.
local function enter_arrival(place, id)
  local entered = redis.pcall('XADD', K .. 'all', place .. '-0', 'id', id)
  if type(entered) == 'string' then return nil end
  call('DEL', K .. 'seq')
  return redis.error_reply('ERR the order of arrival was lost (' .. entered.err .. '); it is found again: repeat this')
end

local function ring_work() call('PUBLISH', K .. 'wake', '') end
local function ring_done(text) call('PUBLISH', K .. 'done', text or '') end

local lives = {}
local function lives_until(session, deadline)
  lives[session] = deadline and tonumber(deadline) > boot or false
  return lives[session]
end
local function alive(session)
  if lives[session] == nil then return lives_until(session, call('ZSCORE', K .. 'sessions', session)) end
  return lives[session]
end
local function stale(kind, by) if by > 0 then call('HINCRBY', K .. 'stale', kind, by) end end
