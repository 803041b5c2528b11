#include "base/id.hpp"

#include <sys/random.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <mutex>

namespace flowrra {
namespace {

constexpr char kAlphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

struct Ulid {
  std::uint64_t millis = 0;
  std::uint16_t high = 0;  // the upper 16 of the 80 random bits
  std::uint64_t low = 0;
};

void fill_random(Ulid& ulid) {
  std::array<unsigned char, 10> bytes{};
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) std::abort();
  ulid.high = static_cast<std::uint16_t>((bytes[0] << 8 | bytes[1]) & 0x7fff);  // room to count upward
  ulid.low = 0;
  for (std::size_t i = 2; i < bytes.size(); ++i) ulid.low = ulid.low << 8 | bytes[i];
}

std::string encode(const Ulid& ulid) {
  std::string text(26, '0');
  std::uint64_t millis = ulid.millis;
  for (int i = 9; i >= 0; --i, millis >>= 5) text[static_cast<std::size_t>(i)] = kAlphabet[millis & 31];
  std::uint64_t low = ulid.low;
  std::uint64_t high = ulid.high;
  for (int i = 25; i >= 10; --i) {
    text[static_cast<std::size_t>(i)] = kAlphabet[low & 31];
    low = low >> 5 | high << 59;
    high >>= 5;
  }
  return text;
}

}  // namespace

std::string new_ulid(const Clock& clock) {
  static std::mutex mutex;
  static Ulid last;
  const auto now = static_cast<std::uint64_t>(to_micros(clock.wall()) / 1000);
  const std::scoped_lock lock(mutex);
  if (now > last.millis || last.millis - now > 1000) {  // a new millisecond, or the clock was set back
    last.millis = now;
    fill_random(last);
  } else if (++last.low == 0) {
    ++last.high;
  }
  return encode(last);
}

std::string new_short_id(const Clock& clock) {
  constexpr std::size_t kSecond = 8;  // digits of a ULID: the last two of its time are 1,024 ms; its first stays 0
  constexpr std::size_t kRandom = 8;
  const std::string ulid = new_ulid(clock);
  return ulid.substr(1, kSecond - 1) + ulid.substr(ulid.size() - kRandom);
}

}  // namespace flowrra
