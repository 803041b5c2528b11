// The stream of a Redis server's answers: however it is split in reading, the same answers come out, and a stream that
// is broken for one way of reading it is broken for all.

#include <algorithm>
#include <string>
#include <vector>

#include "fuzz/oracle.hpp"
#include "store/redis/errors.hpp"
#include "store/redis/handshake.hpp"
#include "store/redis/reply.hpp"

namespace {

using namespace flowrra::redis;

void show(ReplyView view, std::string& out) {
  if (view.is_array()) {
    out += '[';
    for (std::size_t i = 0; i < view.size(); ++i) show(view[i], out);
    out += ']';
    return;
  }
  out += view.is_nil() ? 'n' : view.is_error() ? 'e' : 't';
  out += std::to_string(view.number()) + '"';
  out += view.text();
  out += '"';
}

// All answers of a stream that arrives in pieces.
struct Answers {
  std::vector<std::string> answers;
  bool broken = false;
  bool operator==(const Answers&) const = default;
};

Answers read_in_pieces(std::string_view bytes, std::size_t piece) {
  Answers out;
  ReplyReader reader;
  while (!bytes.empty()) {
    reader.feed(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    while (const auto reply = reader.next()) show(reply->view(), out.answers.emplace_back());
  }
  out.broken = !reader.broken().empty();
  return out;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = flowrra::fuzz::text_of(data, size);
  const Answers whole = read_in_pieces(bytes, bytes.size());
  for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, std::size_t{7}, size / 2 + 1}) {
    flowrra::fuzz::require(read_in_pieces(bytes, piece) == whole, "the pieces make no difference");
  }
  // The same bytes as an error and as what INFO says, which are taken apart as they are.
  flowrra::fuzz::require(server_error(bytes).message.size() < 1000, "an error is shown with bounds");
  ServerInfo info;
  read_info(bytes, info);
  (void)check_server(info);
  return 0;
}
