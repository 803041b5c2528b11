-- The lines of tasks as they are now. While a task runs, the beginning of its line stands in `run:` of its session, and
-- in `state` the line that it had while it waited. For scripts that read lines.
local BEGINNING = '^1 %d+ %d+ %S+ %S+ %S+ ()'  -- what a claim changes
local function lines_of(ids)
  local lines = fetched('state', ids)
  local waiting, nth = {}, {}
  for i, line in ipairs(lines) do
    if line and sub(line, 1, 2) == '1 ' then
      waiting[#waiting + 1], nth[#nth + 1] = ids[i], i
    end
  end
  if #waiting == 0 then return lines end
  for _, session in ipairs(call('SMEMBERS', K .. 'runners')) do
    for i, beginning in ipairs(fetched('run:' .. session, waiting)) do
      local line = lines[nth[i]]
      local other = beginning and match(line, BEGINNING)
      if other then lines[nth[i]] = beginning .. sub(line, other - 1) end
    end
  end
  return lines
end
