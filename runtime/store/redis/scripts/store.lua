-- Keeps records of finished tasks. ARGV: for each 8 words: id, attempt, start or '-', line with its texts (SEQ is
-- given here), extra, error, progress, log. Returns '' or the id of a task that has not ended here: then nothing is
-- kept.
local ids = {}
for i = at + 1, #ARGV, 8 do ids[#ids + 1] = ARGV[i] end
load(ids)
for _, id in ipairs(ids) do
  if (tasks[id] and not FINAL[tasks[id][STATE]]) or damaged[id] then return id end
end

local function outlives(kept, attempt, started)
  if tonumber(kept[ATTEMPT]) ~= attempt then return tonumber(kept[ATTEMPT]) > attempt end
  return (tonumber(kept[STARTED]) or -1) > (tonumber(started) or math.huge)
end

if_there_is_room()
local seq = take_arrivals(#ids)
for i = 1, #ids do
  local id, attempt, started, line = arg(), num(), arg(), arg()
  local texts = {arg(), arg(), arg(), arg()}
  local task = parsed(line)
  if task and not (tasks[id] and outlives(tasks[id], attempt, started)) then
    task.id = id
    task[SEQ] = int(seq + i)
    local lost = enter_arrival(task[SEQ], id)
    if lost then return lost end
    if tasks[id] then
      erase(tasks[id])
      flush()
    end
    tasks[id] = task
    enter(task)
    for n, key in ipairs(TEXTS) do
      if texts[n] ~= '' then set(key, id, texts[n]) end
    end
  end
end
flush()
if #ids > 0 then ring_done() end
return ''
