-- The short way of push.lua, between start.lua and head.lua: one task that is to run at once, with nothing said of it
-- but its arguments. It ends the script where it has queued the task; else nothing has changed but that a place in the
-- order of arrival may be left out, and push.lua does it.
local function push_shortly()
  local lane, id = ARGV[6], ARGV[14]
  if call('HGET', K .. 'state', id) then return nil end
  local queue = match(lane, '^[^:]+')
  local order = call('INCRBY', K .. 'seq', 1)  -- refused where there is no room
  if order == 1 then
    call('DEL', K .. 'seq')  -- it was lost, or nothing has come yet: take_arrivals() sees which
    return nil
  end
  order = int(order)
  if call('HINCRBY', K .. 'waiting', queue, 1) > tonumber(ARGV[3]) or
      type(redis.pcall('XADD', K .. 'all', order .. '-0', 'id', id)) ~= 'string' then
    call('HINCRBY', K .. 'waiting', queue, -1)
    return nil
  end
  call('ZADD', K .. 'ready:' .. lane, ARGV[8], format('%016.0f:', order) .. id)
  call('SADD', K .. 'lanes', lane)
  local line = '1 0 0 - - - ' .. lane .. ' ' .. ARGV[8] .. ' ' .. order .. ' - - ' .. ARGV[7] .. ' ' .. int(wall) ..
    ' 0 0 0 0 - - ' .. ARGV[4] .. ' 0\n'
  call('HSET', K .. 'state', id, line .. ARGV[15])
  call('HINCRBY', K .. 'count', lane .. ':1', 1)
  call('PUBLISH', K .. 'wake', '')
  return '0'
end
if ARGV[5] == '1' and ARGV[9] == '' and ARGV[10] == '' and ARGV[11] == '' and ARGV[12] == '0' then
  local outcome = push_shortly()
  if outcome then return outcome end
end
