#include "task/health.hpp"

#include <nlohmann/json.hpp>

namespace flowrra {
namespace {

using Json = nlohmann::ordered_json;

Json micros(const std::optional<Micros>& duration) { return duration ? Json(duration->count()) : Json(); }

std::optional<Micros> micros(const Json& in, const char* key) {
  const auto found = in.find(key);
  return found == in.end() || found->is_null() ? std::nullopt : std::optional(Micros(found->get<std::int64_t>()));
}

Json to_value(const PartHealth& part) {
  return {{"name", part.name},
          {"age_us", micros(part.age)},
          {"waiting", part.waiting},
          {"oldest_us", micros(part.oldest)},
          {"stuck", part.stuck}};
}

Json to_value(const RoomHealth& room) {
  return {{"kind", room.kind}, {"slots", room.slots}, {"in_flight", room.in_flight}};
}

Json to_value(const WorkHealth& work) {
  return {{"id", work.id},
          {"task", work.name},
          {"attempt", work.attempt},
          {"age_us", work.age.count()},
          {"left_us", micros(work.left)}};
}

Json to_value(const HostHealth& host, std::size_t& room_for_work) {
  Json out{{"name", host.name},   {"kind", name(host.kind)}, {"pid", host.pid},     {"generation", host.generation},
           {"ready", host.ready}, {"held", host.held},       {"stuck", host.stuck}, {"work", Json::array()}};
  for (const WorkHealth& work : host.work) {
    if (room_for_work == 0) break;
    --room_for_work;
    out["work"].push_back(to_value(work));
  }
  return out;
}

PartHealth part_from(const Json& in) {
  return {in.at("name").get<std::string>(), micros(in, "age_us"), in.value("waiting", std::int64_t{0}),
          micros(in, "oldest_us"), in.value("stuck", "")};
}

RoomHealth room_from(const Json& in) {
  return {in.at("kind").get<std::string>(), in.value("slots", 0), in.value("in_flight", 0)};
}

HostHealth host_from(const Json& in) {
  HostHealth out;
  out.name = in.at("name").get<std::string>();
  out.kind = parse_kind(in.value("kind", "")).value_or(Kind::cpu);
  out.pid = in.value("pid", 0);
  out.generation = in.value("generation", 1);
  out.ready = in.value("ready", false);
  out.held = in.value("held", 0);
  out.stuck = in.value("stuck", "");
  for (const Json& work : in.value("work", Json::array())) {
    out.work.push_back({work.at("id").get<std::string>(), work.value("task", ""), work.value("attempt", 0),
                        micros(work, "age_us").value_or(Micros(0)), micros(work, "left_us")});
  }
  return out;
}

}  // namespace

std::vector<std::string> NodeHealth::stuck() const {
  std::vector<std::string> out;
  for (const PartHealth& part : parts) {
    if (!part.stuck.empty()) out.push_back(part.name + ": " + part.stuck);
  }
  for (const HostHealth& host : hosts) {
    if (!host.stuck.empty()) out.push_back("host " + host.name + ": " + host.stuck);
  }
  return out;
}

std::string to_json(const NodeHealth& health) {
  Json out{{"at_us", to_micros(health.at)}, {"lease_us", health.lease.count()}, {"draining", health.draining}};
  for (const char* list : {"parts", "room", "hosts"}) out[list] = Json::array();
  for (const PartHealth& part : health.parts) out["parts"].push_back(to_value(part));
  for (const RoomHealth& room : health.room) out["room"].push_back(to_value(room));
  std::size_t room_for_work = NodeHealth::kMostWork;
  for (const HostHealth& host : health.hosts) out["hosts"].push_back(to_value(host, room_for_work));
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<NodeHealth> health_from_json(std::string_view text) {
  const Error damaged{Code::corrupt, "what a node told of its health cannot be read", "Its next heartbeat mends it."};
  const Json in = Json::parse(text, nullptr, false);
  if (!in.is_object()) return damaged;
  try {
    NodeHealth out;
    out.at = wall_from_micros(in.at("at_us").get<std::int64_t>());
    out.lease = micros(in, "lease_us").value_or(Micros(0));
    out.draining = in.value("draining", false);
    for (const Json& part : in.value("parts", Json::array())) out.parts.push_back(part_from(part));
    for (const Json& room : in.value("room", Json::array())) out.room.push_back(room_from(room));
    for (const Json& host : in.value("hosts", Json::array())) out.hosts.push_back(host_from(host));
    return out;
  } catch (const Json::exception&) {
    return damaged;
  }
}

}  // namespace flowrra
