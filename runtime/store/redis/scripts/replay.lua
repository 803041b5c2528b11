-- Makes pending again what ended without success. ARGV: for each task id, arguments, extra, log, which count where
-- another backend has kept them. Returns a digit for each: 0 unknown, 1 refused, 2 replayed.
local ids = {}
for i = at + 1, #ARGV, 4 do ids[#ids + 1] = ARGV[i] end
local outcomes, any = {}, false
for_each(ids, function(_, task, i)
  local _, args, extra, log = arg(), arg(), arg(), arg()
  if not task then
    outcomes[i] = '0'
  elseif not FINAL[task[STATE]] or task[STATE] == SUCCESS then
    outcomes[i] = '1'
  else
    outcomes[i], any = '2', true
    leave(task)
    task[STATE], task[TIME], task[BEFORE] = PENDING, '-', task[ATTEMPT]
    task[CRASHES], task[REFUNDS], task[SUSPECT] = '0', '0', '0'
    task[STARTED], task[EXPIRES] = '-', '-'
    if task[COUNTER] == '0' then task[COUNTER] = '1' end  -- it has an error, as one has that was leased before
    task.texts = task[TOMB] == '1' and '\n' .. args or match(task.texts, '^\n[^\n]*') or ''
    enter(task)
    if task[TOMB] == '1' then
      task[TOMB] = '0'
      if extra ~= '' then set('extra', task.id, extra) end
      if log ~= '' then set('log', task.id, log) end
    end
  end
end)
if any then ring_work() end
return table.concat(outcomes)
