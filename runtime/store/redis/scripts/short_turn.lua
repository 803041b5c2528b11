-- The short ways of exchange.lua, between start.lua and head.lua, for an idle node: the claim of what has just come,
-- and the end of one task. One ends the script where it has done all; else nothing has changed, and exchange.lua does
-- it.
local session = ARGV[4]

-- Whether the turn may happen, and the last reload that its session was asked for.
local function turn_begins()
  local known = call('HMGET', K .. 'session:' .. session, 'turn:' .. ARGV[5], 'asked', 'until')
  local good = known[3] and tonumber(known[3]) > boot and tonumber(known[1] or 0) < tonumber(ARGV[6])
  return good, known[2] or '0'
end
-- Refused where there is no room. From here on the turn counts as one that happened.
local function turn_happens() call('HSET', K .. 'session:' .. session, 'turn:' .. ARGV[5], ARGV[6]) end

-- One task of this session has ended, as it may be announced: ARGV 10 session, 11 beginning, 12 lane, 13 state, 15 id,
-- 16 line.
local function end_shortly()
  local id, state, running = ARGV[15], ARGV[13], K .. 'run:' .. session
  local good, asked = turn_begins()
  if not good or ARGV[11] == '' or call('HGET', running, id) ~= ARGV[11] then return nil end
  if call('EXISTS', K .. 'cancel:' .. session) == 1 then return nil end
  turn_happens()
  call('HSET', K .. 'state', id, ARGV[16])
  call('ZADD', K .. 'done:' .. state, ARGV[7], id)
  call('HDEL', running, id)
  call('HINCRBY', K .. 'count', ARGV[12] .. ':2' .. state, 1)
  call('PUBLISH', K .. 'done', id .. ' ' .. ARGV[16])
  return {'ok', '1', '', '', asked}
end

-- All that waits in one lane, if it came together and was never leased.
local function claim_shortly()
  -- How many tasks of this name the claim wants; ARGV from 17 on: queues, number of wants, and of each its limit, names
  -- and credits.
  local function wanted_of(queue, name)
    local place, has_queue = 17 + ARGV[16], false
    for i = 17, place - 1 do has_queue = has_queue or ARGV[i] == queue end
    if not has_queue then return 0 end
    local wants = tonumber(ARGV[place])
    place = place + 1
    for _ = 1, wants do
      local limit, names = tonumber(ARGV[place]), place + 1 + ARGV[place + 1]
      for i = place + 2, names do
        if ARGV[i] == name then return limit end
      end
      place = names + 2 + ARGV[names + 1]
    end
    return 0
  end

  -- The only lane that has something for the claim, and how many tasks of it are wanted. False: it is not that plain.
  local function only_lane()
    local names, found, limit = call('SUNION', K .. 'lanes', K .. 'paused'), nil, 0
    if #names > 4 then return false end
    for _, each in ipairs(names) do
      local queue, name = match(each, '^([^:]+):(.+)$')
      if not queue then return false end
      local wanted = wanted_of(queue, name)
      if wanted > 0 then
        if found then return false end
        found, limit = each, wanted
      end
    end
    return true, found, limit
  end

  local good, asked = turn_begins()
  if not good then return nil end
  if call('EXISTS', K .. 'expiring', K .. 'due', K .. 'extra', K .. 'cancel:' .. session) > 0 then return nil end
  local plain, lane, limit = only_lane()
  if not plain then return nil end
  if not lane then
    turn_happens()
    return {'ok', '', '', '', asked}
  end
  local blocks = call('ZRANGE', K .. 'ready:' .. lane, 0, 1)
  if #blocks ~= 1 then return nil end
  local ids, begun = {}, {}
  for id in string.gmatch(sub(blocks[1], 18), '[^ ]+') do ids[#ids + 1] = id end
  if #ids == 0 or #ids > limit then return nil end
  local lines = call('HMGET', K .. 'state', unpack(ids))
  local tail = ' ' .. session .. ' ' .. int(wall) .. ' ' .. ARGV[14]
  for i, id in ipairs(ids) do
    if not lines[i] or sub(lines[i], 1, 12) ~= '1 0 0 - - - ' then return nil end
    begun[2 * i - 1], begun[2 * i] = id, '2 1 1' .. tail
  end
  turn_happens()
  call('ZREM', K .. 'ready:' .. lane, blocks[1])
  call('SREM', K .. 'lanes', lane)
  call('HSET', K .. 'run:' .. session, unpack(begun))
  call('HINCRBY', K .. 'count', lane .. ':12', #ids)
  call('HINCRBY', K .. 'waiting', match(lane, '^[^:]+'), -#ids)
  return {'ok', '', '', '', asked, {}, {}, ids, lines, {lane, #ids}, {}, {}, {}, tail}
end

-- ARGV 3 whether results are kept, 8 whether it may announce, then the numbers of groups of ends, other settlements and
-- progress, and whether it takes: see exchange.lua.
local answer
if ARGV[8] == '1' then
  local alone = ARGV[9] == '1' and ARGV[14] == '1' and ARGV[17] == '0' and ARGV[18] == '0' and ARGV[19] == '0'
  if alone and ARGV[3] == '1' and ARGV[10] == session then answer = end_shortly() end
elseif ARGV[9] == '0' and ARGV[10] == '0' and ARGV[11] == '0' and ARGV[12] == '1' then
  local plain = ARGV[13] == session and ARGV[15] == '0' and ARGV[#ARGV] == '-1'
  if plain then answer = claim_shortly() end
end
if answer then return answer end
