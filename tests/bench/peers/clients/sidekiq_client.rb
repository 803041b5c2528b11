require_relative "line_client"
require_relative "sidekiq_worker"

RESULTS = Redis.new(url: "#{SERVER}/1")

# What is published while nobody has asked yet is kept: the answer may be here before perform_async returns.
def listen
  told = Queue.new
  ready = Queue.new
  Thread.new do
    Redis.new(url: "#{SERVER}/1").psubscribe("result:*") do |on|
      on.psubscribe { ready << true }
      on.pmessage { |_, channel, value| told << [channel, value] }
    end
  end
  ready.pop
  told
end

def there_and_back(told)
  id = Echo.perform_async(ARGUMENT)
  raise "another result" unless told.pop == ["result:#{id}", ARGUMENT]
end

def push_bulk(count)
  1.step(count, 1000) do |first|
    size = [1000, count - first + 1].min
    Sidekiq::Client.push_bulk("class" => Echo, "args" => Array.new(size) { [ARGUMENT] })
  end
end

serve do |what, count|
  case what
  when "one" then seconds_of { count.times { Echo.perform_async(ARGUMENT) } }
  when "bulk" then seconds_of { push_bulk(count) }
  when "drain" then drained(count) { RESULTS.dbsize }
  when "check" then { count: RESULTS.dbsize }
  when "latency"
    told = listen
    { ms: Array.new(count) { seconds_of { there_and_back(told) }[:seconds] * 1e3 } }
  end
end
