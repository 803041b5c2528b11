#include "store/redis/scripts.hpp"

#include <string>

#include "redis_scripts/texts.hpp"  // made of scripts/*.lua by the build

namespace flowrra::redis {
namespace {

// A script that looks at tasks one by one, one that reads their lines, and one that does neither.
Script moves(const char* name, std::string_view text) {
  std::string whole(texts::start);
  whole.append(texts::head).append(texts::blocks).append(texts::lines).append(texts::tasks);
  return make_script(name, whole.append(text));
}
Script reads(const char* name, std::string_view text) {
  return make_script(name, std::string(texts::start).append(texts::head).append(texts::lines).append(text));
}
Script plain(const char* name, std::string_view text) {
  return make_script(name, std::string(texts::start).append(texts::head).append(text));
}

// The short way first: what follows is made only where that does not do.
Script with_short_way(const char* name, std::string_view short_way, std::string_view text) {
  std::string whole(texts::start);
  whole.append(short_way).append("local function whole()\n").append(texts::head).append(text);
  return make_script(name, whole.append("end\nreturn whole()\n"));
}

Script exchange() {
  std::string text(texts::blocks);
  text.append("local function others(turn)\n").append(texts::lines).append(texts::tasks);
  text.append(texts::others).append("end\n").append(texts::exchange);
  return with_short_way("exchange", texts::short_turn, text);
}

}  // namespace

Scripts all_scripts() {
  return {.push = with_short_way("push", texts::short_push, texts::push),
          .exchange = exchange(),
          .recover = moves("recover", texts::recover),
          .cancel = moves("cancel", texts::cancel),
          .replay = moves("replay", texts::replay),
          .purge = moves("purge", texts::purge),
          .store = moves("store", texts::store),
          .remove = moves("remove", texts::remove),
          .remove_older = moves("remove_older", texts::remove_older),
          .read = reads("read", texts::read),
          .ahead = moves("ahead", texts::ahead),
          .nodes = plain("nodes", texts::nodes),
          .session_open = plain("session_open", texts::session_open),
          .session_beat = plain("session_beat", texts::session_beat),
          .session_close = plain("session_close", texts::session_close),
          .session_update = plain("session_update", texts::session_update),
          .session_ask = plain("session_ask", texts::session_ask),
          .pause = plain("pause", texts::pause)};
}

}  // namespace flowrra::redis
