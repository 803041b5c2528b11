-- The pending tasks of a lane, in blocks: those that came together and are alike are one member of `ready:LANE`. That
-- is the order of arrival of the first, in 16 digits, ':', and their ids with spaces between; each arrived next after
-- the one before it. The score is their priority. For scripts that read them.

local function first_in(member) return tonumber(sub(member, 1, 16)) or 0 end
local function ids_in(member)
  local ids, n = {}, 0
  for id in string.gmatch(sub(member, 18), '%S+') do
    n = n + 1
    ids[n] = id
  end
  return ids
end

-- A walk through a lane, from its best block on, for so many tasks; read a page at a time. It stands at a block: `ids`,
-- how many of them are `used`, the order of arrival of the `first`, `score`; `blocks` were there until this one.
local function walk(lane, tasks)
  return {lane = lane, key = K .. 'ready:' .. lane, tasks = tasks, rows = {}, row = 1, read = 0, seen = 0, blocks = 0,
    ids = {}, used = 0}
end

-- The page after one is as long as blocks of that size make it.
local function next_page(w)
  local page = w.read == 0 and (w.tasks - 1) / BLOCK + 1 or w.tasks * w.read / math.max(1, w.seen)
  w.rows, w.row = call('ZRANGE', w.key, w.read, w.read + math.ceil(page) - 1, 'WITHSCORES'), 1
  w.read, w.over = w.read + #w.rows / 2, #w.rows == 0
end

-- False: there is none any more.
local function next_block(w)
  repeat
    if w.row > #w.rows and not w.over then next_page(w) end
    if w.over then return false end
    local member = w.rows[w.row]
    w.ids, w.used, w.first, w.score = ids_in(member), 0, first_in(member), w.rows[w.row + 1]
    w.row, w.blocks, w.seen = w.row + 2, w.blocks + 1, w.seen + #w.ids
  until w.ids[1]
  return true
end

-- Uses as many tasks as the walk is for. Returns their ids, and their orders of arrival.
local function use_all(w)
  local ids, seqs, n = {}, {}, 0
  while n < w.tasks and next_block(w) do
    w.used = math.min(#w.ids, w.tasks - n)
    for i = 1, w.used do
      n = n + 1
      ids[n], seqs[n] = w.ids[i], w.first + i - 1
    end
  end
  return ids, seqs
end

-- Takes those out of the lane that were used.
local function take_used(w)
  local left = #w.ids - w.used
  local gone = w.blocks - ((w.used == 0 and left > 0) and 1 or 0)
  if gone > 0 then call('ZREMRANGEBYRANK', w.key, 0, gone - 1) end
  if w.used > 0 and left > 0 then call('ZADD', w.key, w.score, block_of(w.first + w.used, w.ids, w.used + 1)) end
end
