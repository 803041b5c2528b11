# Sidekiq keeps no results: as what takes one from Celery does, the job writes it under a key that expires and tells
# whoever waits, in one round trip.
require "sidekiq"

SERVER = "redis://127.0.0.1:#{ENV.fetch("PEERS_PORT")}".freeze
Sidekiq.configure_server { |config| config.redis = { url: "#{SERVER}/0" } }
Sidekiq.configure_client { |config| config.redis = { url: "#{SERVER}/0" } }
Sidekiq.strict_args! if Sidekiq.respond_to?(:strict_args!)

class Echo
  include Sidekiq::Worker

  def self.results
    Thread.current[:results] ||= Redis.new(url: "#{SERVER}/1")
  end

  def perform(value)
    self.class.results.pipelined do |redis|
      redis.set("result:#{jid}", value, ex: 3600)
      redis.publish("result:#{jid}", value)
    end
  end
end
