-- The pending tasks of a lane, in blocks: those that came together and are alike are one member of `ready:LANE`. That
-- is the order of arrival of the first, in 16 digits, ':', and their ids with spaces between; each arrived next after
-- the one before it. The score is their priority. For scripts that read them.

local function first_in(member) return tonumber(sub(member, 1, 16)) or 0 end
local function add_ids_in(member, ids)
  local n, from, to = #ids, 18, find(member, ' ', 18, true)
  while to do
    if to > from then
      n = n + 1
      ids[n] = sub(member, from, to - 1)
    end
    from, to = to + 1, find(member, ' ', to + 1, true)
  end
  if from <= #member then ids[n + 1] = sub(member, from) end
  return ids
end

-- A walk through a lane, from its best block on, for so many tasks; read a page at a time. `ids` are those of its `blocks`
-- so far. It stands at the last one: that has `size` ids, of which so many are `used`, and a `score`.
local function walk(lane, tasks)
  return {lane = lane, key = K .. 'ready:' .. lane, tasks = tasks, rows = {}, row = 1, read = 0, ids = {}, blocks = {},
    size = 0, used = 0}
end

-- The page after one is as long as blocks of that size make it.
local function next_page(w)
  local page = w.read == 0 and (w.tasks - 1) / BLOCK + 1 or w.tasks * w.read / math.max(1, #w.ids)
  page = math.ceil(page)
  w.rows, w.row = call('ZRANGE', w.key, w.read, w.read + page - 1, 'WITHSCORES'), 1
  w.read, w.last = w.read + page, #w.rows < 2 * page
end

-- False: there is none any more.
local function next_block(w)
  repeat
    if w.row > #w.rows and not w.last then next_page(w) end
    if w.row > #w.rows then return false end
    local member, before = w.rows[w.row], #w.ids
    add_ids_in(member, w.ids)
    w.blocks[#w.blocks + 1] = {first = first_in(member), before = before}
    w.size, w.used, w.score, w.row = #w.ids - before, 0, w.rows[w.row + 1], w.row + 2
  until w.size > 0
  return true
end

-- Ends a walk: `ids` are those that were used then.
local function end_walk(w)
  local last = #w.ids - w.size + w.used
  if w.used > 0 and w.used < w.size then
    w.rest = block_of(w.blocks[#w.blocks].first + w.used, w.ids, last + 1)
  end
  for i = #w.ids, last + 1, -1 do w.ids[i] = nil end
end

-- Uses as many tasks as the walk is for, and ends it. Returns their ids.
local function use_all(w)
  local n = 0
  while n < w.tasks and next_block(w) do
    w.used = math.min(w.size, w.tasks - n)
    n = n + w.used
  end
  end_walk(w)
  return w.ids
end

-- The order of arrival of a task that was used.
local function arrival_in(w, id)
  local nth, block = 1, nil
  while w.ids[nth] ~= id do nth = nth + 1 end
  for _, each in ipairs(w.blocks) do
    if each.before < nth then block = each end
  end
  return block.first + nth - block.before - 1
end

-- Takes out of the lane what was used.
local function take_used(w)
  local gone = #w.blocks - ((w.size > 0 and w.used == 0) and 1 or 0)
  if gone > 0 then call('ZREMRANGEBYRANK', w.key, 0, gone - 1) end
  if w.rest then call('ZADD', w.key, w.score, w.rest) end
end
