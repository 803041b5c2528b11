-- Replaces what is said of a session. ARGV: id, list of its tasks (JSON), whether an answer to a reload is among the
-- fields, fields and values. Specs of names, not of
-- versions, that no living session has any more are withdrawn. Returns 0 when it is dead.
local id, list, answers = arg(), arg(), arg() == '1'
if not alive(id) then return 0 end
local function names(of) 
  local ok, decoded = pcall(cjson.decode, of or '')
  return ok and type(decoded) == 'table' and decoded or {}
end
local key = K .. 'session:' .. id
local before = names(call('HGET', key, 'tasks'))
even_if_full()
call('HSET', key, 'tasks', list, unpack(ARGV, at + 1))
local known = {}
for _, each in ipairs(call('ZRANGEBYSCORE', K .. 'sessions', '(' .. int(boot), '+inf')) do
  for _, name in ipairs(names(call('HGET', K .. 'session:' .. each, 'tasks'))) do known[name] = true end
end
for _, name in ipairs(before) do
  if not known[name] and not string.find(name, '@', 1, true) then call('HDEL', K .. 'catalog', name) end
end
if answers then ring_done() end
return 1
