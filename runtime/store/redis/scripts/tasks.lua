-- The stored task, its state table, and the indexes that follow from its state: for scripts that look at tasks one by
-- one. Stands behind head.lua, blocks.lua and lines.lua.

-- A task's line: its fields, with a space between; '-' is none. What a claim changes stands first. Its texts follow:
-- its arguments and its result, if it has one, each behind a newline.
local STATE, ATTEMPT, COUNTER, SESSION, STARTED, NODE, LANE, PRIORITY, SEQ = 1, 2, 3, 4, 5, 6, 7, 8, 9
local TIME = 10  -- when it is due, of a task that waits for its time; when it ended, of one that has
local EXPIRES, KIND, SUBMITTED, BEFORE, CRASHES, REFUNDS, SUSPECT, CPU, RSS = 11, 12, 13, 14, 15, 16, 17, 18, 19
local TOKEN, TOMB = 20, 21
local LINE = '^([0-7]) (%d+) (%d+) (%S+) (%-?%d*) (%S+) ([%w._-]+:[%w._@-]+) (%-?%d+) (%d+) (%-?%d*) (%-?%d*) (%d)' ..
  ' (%-?%d+) (%d+) (%d+) (%d+) ([01]) (%-?%d*) (%-?%d*) (%S+) ([01])$'

local WAITS = {[SCHEDULED] = true, [PENDING] = true, [RETRYING] = true}
local FINAL = {[SUCCESS] = true, [FAILED] = true, [CANCELLED] = true, [EXPIRED] = true}

local CANCELLED_WAITING = '{"code":"cancelled","message":"cancelled before it was done"}'
local CANCELLED_RUNNING = '{"code":"cancelled","message":"cancelled while it ran"}'
local EXPIRED_WAITING = '{"code":"expired","message":"not started before its expiry"}'

-- Nil when it cannot be read.
local function parsed(text)
  local line = match(text, '^[^\n]*')
  local task = {match(line, LINE)}
  if not task[1] then return nil end
  task.texts = sub(text, #line + 1)
  return task
end
local function text_of(task) return table.concat(task, ' ') .. task.texts end

-- The tasks that this script has looked at, by id: their fields, `id`, and `texts`. False: there is none, or none
-- to be read.
local tasks = {}
local damaged = {}
local function load(ids)
  local missing = {}
  for _, id in ipairs(ids) do
    if tasks[id] == nil then
      tasks[id] = false
      missing[#missing + 1] = id
    end
  end
  for i, line in ipairs(lines_of(missing)) do
    local id = missing[i]
    local task = line and parsed(line)
    if task then
      task.id = id
      tasks[id] = task
    elseif line then
      damaged[id] = line
    end
  end
end

-- What is to be written, until flush().
local changed, adds, drops, lanes_ready, lanes_due = {}, {}, {}, {}, {}
local left_ready = {}  -- by lane: tasks
local sets, clears = {}, {}  -- of the hashes of texts

local function into(batch, key, first, second)
  local list = batch[key]
  if not list then
    list = {}
    batch[key] = list
  end
  list[#list + 1] = first
  if second then list[#list + 1] = second end
end
local new_lines = {}  -- by id: of tasks that were not taken apart
local function set_line(id, line) new_lines[id] = line end
local function set(key, id, text)
  sets[key] = sets[key] or {}
  sets[key][id] = text
end
local function clear(key, id)
  if sets[key] then sets[key][id] = nil end
  into(clears, key, id)
end

local function place(task) return block_of(task[SEQ], {task.id}) end  -- a block of one

local function count(task, by) count_by(task[LANE], task[STATE], by) end

-- The index of the task's state: its key, the member, and the score of a sorted set.
local function index(task)
  local state, lane = task[STATE], task[LANE]
  if state == PENDING then
    lanes_ready[lane] = true
    return 'ready:' .. lane, place(task), task[PRIORITY]
  elseif state == RUNNING then
    return 'run:' .. task[SESSION], task.id  -- left by these scripts, and never entered
  elseif FINAL[state] then
    return 'done:' .. state, task.id, task[TIME]
  end
  lanes_due[lane] = true
  return 'due:' .. lane, task.id, task[TIME]
end

local function enter(task)
  changed[task.id] = task
  count(task, 1)
  local key, member, score = index(task)
  into(adds, key, score, member)
  if WAITS[task[STATE]] and task[EXPIRES] ~= '-' then into(adds, 'expiring', task[EXPIRES], task.id) end
end

local function leave(task)
  count(task, -1)
  local key, member = index(task)
  if task[STATE] == PENDING then into(left_ready, task[LANE], task) else into(drops, key, member) end
  if WAITS[task[STATE]] and task[EXPIRES] ~= '-' then into(drops, 'expiring', task.id) end
  if task[STATE] == RUNNING then into(drops, 'cancel:' .. task[SESSION], task.id) end
end

local function leaving(key)
  return match(key, '^run:') and 'HDEL' or match(key, '^cancel:') and 'SREM' or key == 'all' and 'XDEL' or 'ZREM'
end

-- How many blocks of a lane begin at that place or before it.
local function blocks_until(key, priority, seq)
  local low, high = 0, call('ZCARD', key)
  while low < high do
    local middle = math.floor((low + high) / 2)
    local row = call('ZRANGE', key, middle, middle, 'WITHSCORES')
    local score = tonumber(row[2])
    if score < priority or (score == priority and first_in(row[1]) <= seq) then low = middle + 1 else high = middle end
  end
  return low
end

-- The block that a task stands in: its member, score, ids, and which of them it is. Nil: there is none. It is the last
-- one that begins at the task's place or before it, unless orders of arrival were given twice.
local function block_with(key, task)
  local priority, seq = tonumber(task[PRIORITY]), tonumber(task[SEQ])
  for rank = blocks_until(key, priority, seq) - 1, 0, -1 do
    local row = call('ZRANGE', key, rank, rank, 'WITHSCORES')
    local first = first_in(row[1])
    if tonumber(row[2]) ~= priority or first <= seq - BLOCK then return nil end
    local ids = add_ids_in(row[1], {})
    if ids[seq - first + 1] == task.id then return row[1], row[2], ids, seq - first + 1 end
  end
end

-- Takes tasks, from the nth of the list on, out of the block in which that one stands; what is left is blocks of its own.
-- Returns the number of the next task.
local function take_out_of_block(key, list, nth)
  local member, score, ids, at = block_with(key, list[nth])
  if not member then return nth + 1 end
  local first, size, shift = first_in(member), #ids, at - list[nth][SEQ]
  while list[nth] and ids[list[nth][SEQ] + shift] == list[nth].id do
    ids[list[nth][SEQ] + shift] = false
    nth = nth + 1
  end
  call('ZREM', key, member)
  local from
  for i = 1, size + 1 do
    if ids[i] then
      from = from or i
    elseif from then
      call('ZADD', key, score, block_of(first + from - 1, ids, from, i - 1))
      from = nil
    end
  end
  return nth
end

local function take_out(lane, list)
  local key, in_blocks, nth = K .. 'ready:' .. lane, {}, 1
  for _, task in ipairs(list) do
    if call('ZREM', key, place(task)) == 0 then in_blocks[#in_blocks + 1] = task end
  end
  while in_blocks[nth] do nth = take_out_of_block(key, in_blocks, nth) end
end

-- Writes what has been collected. An element that both left a key and entered it is there afterwards.
local function flush()
  for lane, list in pairs(left_ready) do take_out(lane, list) end
  for key, list in pairs(drops) do chunked(leaving(key), key, list) end
  for key, list in pairs(adds) do chunked(match(key, '^cancel:') and 'SADD' or 'ZADD', key, list) end
  local lines = {}
  for id, task in pairs(changed) do
    lines[#lines + 1] = id
    lines[#lines + 1] = text_of(task)
  end
  for id, line in pairs(new_lines) do
    lines[#lines + 1] = id
    lines[#lines + 1] = line
  end
  chunked('HSET', 'state', lines)
  for key, list in pairs(clears) do chunked('HDEL', key, list) end
  for key, texts in pairs(sets) do
    local list = {}
    for id, text in pairs(texts) do
      list[#list + 1] = id
      list[#list + 1] = text
    end
    chunked('HSET', key, list)
  end
  write_counts()
  for lane in pairs(lanes_ready) do
    call(call('EXISTS', K .. 'ready:' .. lane) == 1 and 'SADD' or 'SREM', K .. 'lanes', lane)
  end
  for lane in pairs(lanes_due) do
    local first = call('ZRANGE', K .. 'due:' .. lane, 0, 0, 'WITHSCORES')
    if first[1] then call('ZADD', K .. 'due', first[2], lane) else call('ZREM', K .. 'due', lane) end
  end
  changed, new_lines, adds, drops, left_ready, lanes_ready, lanes_due = {}, {}, {}, {}, {}, {}, {}
  sets, clears = {}, {}
end

-- The moves of the state table: each takes the task out of its index, changes it, and puts it where it belongs then.

local function finish(task, state)
  leave(task)
  task[STATE], task[TIME], task[SUSPECT], task[SESSION] = state, int(wall), '0', '-'
  enter(task)
end

local function end_waiting(task, state, error)
  finish(task, state)
  set('error', task.id, error)
end

local function give_back(task, refund, counts_refund, suspect)
  leave(task)
  if refund and task[ATTEMPT] ~= '0' then task[ATTEMPT] = int(task[ATTEMPT] - 1) end
  if counts_refund then task[REFUNDS] = int(task[REFUNDS] + 1) end
  task[STATE], task[SUSPECT], task[STARTED] = PENDING, suspect and '1' or '0', '-'
  task[SESSION], task[NODE] = '-', '-'
  enter(task)
end

local function bury(task)
  task[TOMB], task.texts = '1', ''
  for _, key in ipairs(TEXTS) do clear(key, task.id) end
end

local function lane_in(damaged_text) return match(match(damaged_text, '^[^\n]*'), ' ([%w._-]+:[%w._@-]+) ') end

-- A task whose line cannot be read: what can be known of it is kept, as failed.
local function condemn(id, seq, lane)
  lane = lane or lane_in(damaged[id] or '') or 'default:unknown'
  local task = {FAILED, '0', '0', '-', '-', '-', lane, '0', seq, int(wall), '-', '0', int(wall), '0', '0', '0', '0',
    '-', '-', '-', '0'}
  task.id, task.texts = id, match(damaged[id] or '', '\n.*') or ''
  tasks[id] = task
  set('error', id, '{"code":"undecodable","message":"its stored state cannot be read"}')
  enter(task)
end
local function condemn_running(id, session)
  local lane = lane_in(damaged[id])
  if lane then count_by(lane, RUNNING, -1) end
  into(drops, 'run:' .. session, id)
  condemn(id, '0', lane)
end

-- The task's entry in `all`; looked for where its line does not tell.
local function arrival_of(task)
  if task[SEQ] ~= '0' and #task[SEQ] <= 16 then return task[SEQ] .. '-0' end
  local from = '-'
  while true do
    local page = call('XRANGE', K .. 'all', from, '+', 'COUNT', 1000)
    for _, entry in ipairs(page) do
      if entry[2][2] == task.id then return entry[1] end
    end
    if #page < 1000 then return '0-0' end
    from = '(' .. page[1000][1]
  end
end

local function erase(task)
  leave(task)
  changed[task.id] = nil
  for _, key in ipairs(TEXTS) do clear(key, task.id) end
  into(clears, 'state', task.id)
  into(drops, 'all', arrival_of(task))
  tasks[task.id] = false
end

-- A log is lines of JSON; beyond MAX_LOG bytes the oldest go, and their number is told first.
local MAX_LOG = 65536
local function without_dropped(log)
  local dropped, rest = match(log, '^{"dropped":(%d+)[^\n]*\n(.*)$')
  return tonumber(dropped) or 0, rest or log
end
local logs = {}
local function append_log(id, more)
  if more == '' then return end
  local old = logs[id] or call('HGET', K .. 'log', id) or ''
  local dropped, text = without_dropped(old)
  local also, rest = without_dropped(more)
  dropped, text = dropped + also, text .. rest
  if #text > MAX_LOG then
    local cut = string.find(text, '\n', #text - MAX_LOG, true) or #text
    local _, lines = string.gsub(sub(text, 1, cut), '\n', '')
    dropped, text = dropped + lines, sub(text, cut + 1)
  end
  if dropped > 0 then text = '{"dropped":' .. int(dropped) .. '}\n' .. text end
  logs[id] = text
  set('log', id, text)
end

-- Calls `visit` with each id and its task, and writes what comes of it: so many at once, as their texts may be large.
local function for_each(ids, visit)
  for first = 1, #ids, SLICE do
    local slice = {unpack(ids, first, math.min(first + SLICE - 1, #ids))}
    load(slice)
    for i, id in ipairs(slice) do visit(id, tasks[id], first + i - 1) end
    flush()
    tasks, damaged, logs = {}, {}, {}
  end
end
