-- Tasks as they are at one moment. ARGV: whether with logs, ids. Returns for each: line with its texts, extra, error,
-- progress, log; nil where there is none. Then the ids of those that run and that somebody wants to be cancelled.
local with_logs = arg() == '1'
local ids = rest()
local lines, unwanted, seen = lines_of(ids), {}, {}
for _, line in ipairs(lines) do
  local session = line and match(line, '^2 %S+ %S+ (%S+)')
  if session and not seen[session] then
    seen[session] = true
    for id in pairs(to_cancel(session)) do unwanted[#unwanted + 1] = id end
  end
end
local out = {lines}
for _, key in ipairs(TEXTS) do out[#out + 1] = (key ~= 'log' or with_logs) and fetched(key, ids) or {} end
out[#out + 1] = unwanted
return out
