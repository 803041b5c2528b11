-- Makes pending what sessions run that are dead or missing. ARGV: bound of refunds, words of the line that a log
-- gets, a machine, number and ids of sessions whose process is known to be gone. Returns how many tasks, and the
-- sessions of that machine: id, pid, start of the process, for each.
local most_refunds, words, machine = num(), arg(), arg()
local function remove(session)
  call('ZREM', K .. 'sessions', session)
  call('DEL', K .. 'session:' .. session)
end
even_if_full()
for _ = 1, num() do remove(arg()) end
for _, session in ipairs(call('ZRANGEBYSCORE', K .. 'sessions', '-inf', int(boot))) do remove(session) end

-- So many at once: the rest is left to the next call.
local MOST = 4000
local total, ended = 0, false
for _, session in ipairs(call('SMEMBERS', K .. 'runners')) do
  if total < MOST and not alive(session) then
    local ids, unwanted = call('HKEYS', K .. 'run:' .. session), to_cancel(session)
    local left = #ids > MOST
    if left then ids = {unpack(ids, 1, MOST)} end
    for_each(ids, function(id, task)
      if damaged[id] then
        condemn_running(id, session)
        ended = true
      elseif not task or task[STATE] ~= RUNNING then
        into(drops, 'run:' .. session, id)
      else
        total = total + 1
        append_log(id, '{"at":' .. int(wall) .. ',"attempt":' .. task[ATTEMPT] .. ',"level":"warning","message":"' ..
          words .. '"}\n')
        if unwanted[id] then
          end_waiting(task, CANCELLED, CANCELLED_WAITING)
        elseif tonumber(task[REFUNDS]) >= most_refunds then
          end_waiting(task, FAILED, '{"code":"lost","message":"its node died while it ran; it had been given back ' ..
            task[REFUNDS] .. ' times before"}')
        else
          give_back(task, true, true, task[SUSPECT] == '1')
        end
        if FINAL[task[STATE]] then ended = true end
      end
    end)
    if not left then
      call('SREM', K .. 'runners', session)
      call('DEL', K .. 'cancel:' .. session)
    end
  end
end
if total > 0 then ring_work() end
if ended then ring_done() end

local here = {}
for _, session in ipairs(call('ZRANGE', K .. 'sessions', 0, -1)) do
  local about = call('HMGET', K .. 'session:' .. session, 'machine', 'pid', 'pid_start')
  if about[1] == machine then
    here[#here + 1], here[#here + 2], here[#here + 3] = session, about[2], about[3]
  end
end
return {total, here}
