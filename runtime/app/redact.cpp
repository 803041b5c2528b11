#include "app/redact.hpp"

#include <array>
#include <cstddef>

namespace flowrra {
namespace {

constexpr auto npos = std::string_view::npos;

// The span of the password in "scheme://user:password@host"; empty where there is none. The last @ before the path
// ends it: a password may hold an @ itself.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
};

Span userinfo_password(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == npos) return {};
  const std::size_t begin = scheme + 3;
  const std::size_t path = url.find_first_of("/?#", begin);
  const std::string_view authority = url.substr(begin, path == npos ? npos : path - begin);
  std::size_t at = authority.rfind('@');
  if (at == npos) {  // a password with a slash in it still must not be shown
    const std::size_t late = url.substr(begin).rfind('@');
    if (late == npos || url.substr(begin, late).find(':') == npos) return {};
    at = late;
  }
  const std::size_t colon = url.substr(begin, at).find(':');
  if (colon == npos || colon + 1 == at) return {};
  return {begin + colon + 1, begin + at};
}

Span query_password(std::string_view url) {
  const std::size_t query = url.find('?');
  if (query == npos) return {};
  constexpr std::array<std::string_view, 3> kNames{"password=", "passwd=", "secret="};
  for (const std::string_view name : kNames) {
    const std::size_t found = url.find(name, query);
    if (found == npos || (url[found - 1] != '?' && url[found - 1] != '&')) continue;
    const std::size_t begin = found + name.size();
    const std::size_t end = url.find('&', begin);
    const Span span{begin, end == npos ? url.size() : end};
    if (span.begin < span.end && url.substr(span.begin, span.end - span.begin) != "***") return span;
  }
  return {};
}

}  // namespace

bool has_secret(std::string_view url) {
  const Span user = userinfo_password(url);
  const Span query = query_password(url);
  return user.begin < user.end || query.begin < query.end;
}

std::string redact_url(std::string_view url) {
  std::string out(url);
  const Span user = userinfo_password(out);
  if (user.begin < user.end) out.replace(user.begin, user.end - user.begin, "***");
  for (Span query = query_password(out); query.begin < query.end; query = query_password(out)) {
    out.replace(query.begin, query.end - query.begin, "***");
  }
  return out;
}

}  // namespace flowrra
