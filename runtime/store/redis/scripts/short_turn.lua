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
  -- How many of which names are wanted; ARGV from 17 on: queues, number of wants, and of each its limit, names and
  -- credits; then how many tasks the session holds, which is to be -1: they are not compared.
  local first_want = 17 + ARGV[16]
  local place, wanted = first_want + 1, {}
  for _ = 1, tonumber(ARGV[first_want]) do
    local limit, last_name = tonumber(ARGV[place]), place + 1 + ARGV[place + 1]
    for i = place + 2, last_name do wanted[ARGV[i]] = math.max(limit, wanted[ARGV[i]] or 0) end
    place = last_name + 2 + ARGV[last_name + 1]
  end
  if place ~= #ARGV or ARGV[place] ~= '-1' then return nil end

  -- The only lane that has something for the claim, and how many tasks of it are wanted. False: it is not that plain.
  local function only_lane()
    local lanes, found, most = call('SUNION', K .. 'lanes', K .. 'paused'), nil, 0
    if #lanes > 4 then return false end
    for _, lane in ipairs(lanes) do
      local queue, name = match(lane, '^([^:]+):(.+)$')
      if not queue then return false end  -- one that is paused
      for i = 17, first_want - 1 do
        if ARGV[i] == queue and (wanted[name] or 0) > 0 then
          if found then return false end
          found, most = lane, wanted[name]
        end
      end
    end
    return true, found, most
  end

  local good, asked = turn_begins()
  if not good then return nil end
  if call('EXISTS', K .. 'expiring', K .. 'due', K .. 'cancel:' .. session) > 0 then return nil end
  local plain, lane, most = only_lane()
  if not plain then return nil end
  if not lane then
    turn_happens()
    return {'ok', '', '', '', asked}
  end
  local blocks = call('ZRANGE', K .. 'ready:' .. lane, 0, 1)
  if #blocks ~= 1 then return nil end
  local ids, begun = {}, {}
  for id in string.gmatch(sub(blocks[1], 18), '[^ ]+') do ids[#ids + 1] = id end
  if #ids == 0 or #ids > most then return nil end
  local lines, extra = call('HMGET', K .. 'state', unpack(ids)), call('HMGET', K .. 'extra', unpack(ids))
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
  return {'ok', '', '', '', asked, {}, {}, ids, lines, {lane, #ids}, extra, {}, {}, tail}
end

-- ARGV 3 whether results are kept, 8 whether it may announce, then the numbers of groups of ends, other settlements and
-- progress, and whether it takes: see exchange.lua.
local answer
if ARGV[8] == '1' then
  local alone = ARGV[9] == '1' and ARGV[14] == '1' and ARGV[17] == '0' and ARGV[18] == '0' and ARGV[19] == '0'
  if alone and ARGV[3] == '1' and ARGV[10] == session then answer = end_shortly() end
elseif ARGV[9] == '0' and ARGV[10] == '0' and ARGV[11] == '0' and ARGV[12] == '1' then
  if ARGV[13] == session and ARGV[15] == '0' then answer = claim_shortly() end
end
if answer then return answer end
