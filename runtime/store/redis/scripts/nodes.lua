-- Every session. Returns for each: id, microseconds until it ends, its hash (fields and values), and how many tasks of
-- which name it runs (name, number, …).
local out = {}
local sessions = call('ZRANGE', K .. 'sessions', 0, -1, 'WITHSCORES')
for i = 1, #sessions, 2 do
  local id = sessions[i]
  local ids = call('HKEYS', K .. 'run:' .. id)
  local sums, running = {}, {}
  for first = 1, #ids, SLICE do
    for _, line in ipairs(fetched('state', {unpack(ids, first, math.min(first + SLICE - 1, #ids))})) do
      local name = line and match(line, '^1 %S+ %S+ %S+ %S+ %S+ [^:]+:(%S+) ')
      if name then sums[name] = (sums[name] or 0) + 1 end
    end
  end
  for name, sum in pairs(sums) do
    running[#running + 1] = name
    running[#running + 1] = sum
  end
  local left = int(sessions[i + 1] - boot)
  out[#out + 1] = {id, left, call('HGETALL', K .. 'session:' .. id), running}
end
return out
