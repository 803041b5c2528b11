#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace flowrra {

// Reads "90", "1.5", "250ms", "10s", "5m", "2h", "1d": seconds where no unit is given. Nothing for other text, for
// negative durations and for more than 100 years.
std::optional<Micros> parse_duration(std::string_view text);

// Seconds as a duration, within the same bounds.
std::optional<Micros> from_seconds(double seconds);

// For people: "250ms", "1.5s", "3m 20s", "2h 5m", "4d 1h".
std::string to_text(Micros duration);

// Reads a count of bytes: "4096", "512 MiB", "1.5GiB", "64kB". KiB, MiB, GiB, TiB count in 1024, kB, MB, GB, TB in
// 1000; K, M, G and T alone mean the former. Nothing for other text, or beyond 2^53.
std::optional<std::uint64_t> parse_size(std::string_view text);

}  // namespace flowrra
