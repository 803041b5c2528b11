-- Tasks as they are at one moment. ARGV: whether with logs, ids. Returns for each: line, args, extra, result, error,
-- progress, log; nil where there is none.
local with_logs = arg() == '1'
local ids = {unpack(ARGV, at + 1)}
local out = {fetched('state', ids)}
for _, key in ipairs(TEXTS) do
  if key ~= 'log' or with_logs then out[#out + 1] = fetched(key, ids) end
end
return out
