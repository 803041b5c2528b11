#include "store/redis/scripts.hpp"

#include <string>

#include "redis_scripts/texts.hpp"  // made of scripts/*.lua by the build

namespace flowrra::redis {
namespace {

Script script(const char* name, std::string_view text, std::string_view more = {}) {
  std::string whole(texts::tasks);
  whole += text;
  whole += more;
  return make_script(name, std::move(whole));
}

}  // namespace

Scripts all_scripts() {
  return {.push = script("push", texts::push),
          .exchange = script("exchange", texts::settle, texts::claim),
          .recover = script("recover", texts::recover),
          .cancel = script("cancel", texts::cancel),
          .replay = script("replay", texts::replay),
          .purge = script("purge", texts::purge),
          .store = script("store", texts::store),
          .remove = script("remove", texts::remove),
          .remove_older = script("remove_older", texts::remove_older),
          .read = script("read", texts::read),
          .ahead = script("ahead", texts::ahead),
          .nodes = script("nodes", texts::nodes),
          .session_open = script("session_open", texts::session_open),
          .session_beat = script("session_beat", texts::session_beat),
          .session_close = script("session_close", texts::session_close),
          .session_update = script("session_update", texts::session_update),
          .session_ask = script("session_ask", texts::session_ask),
          .pause = script("pause", texts::pause)};
}

}  // namespace flowrra::redis
