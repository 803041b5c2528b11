// Ordinary functions as cpu tasks: arguments and results are plain C++ values.

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <flowrra/plugin.hpp>
#include <fstream>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace {

struct Word {
  std::string word;
  std::uint64_t count = 0;
};
FLOWRRA_FIELDS(Word, word, count);

struct Count {
  std::uint64_t lines = 0;
  std::uint64_t words = 0;
  std::uint64_t bytes = 0;
  std::vector<Word> frequent;  // the most frequent first
};
FLOWRRA_FIELDS(Count, lines, words, bytes, frequent);

struct CountArgs {
  std::string path;
  std::uint32_t top = 10;  // how many of the most frequent words to give
};
FLOWRRA_FIELDS(CountArgs, path, top);

// Letters of any language: ASCII letters, an apostrophe, and every byte of a longer UTF-8 sequence.
bool is_letter(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || std::isalpha(byte) != 0 || c == '\'';
}

// Takes a text in pieces, as it is read.
class Counter {
 public:
  void add(const char* data, std::size_t size) {
    count_.bytes += size;
    for (std::size_t i = 0; i < size; ++i) add(data[i]);
  }

  Count finish(std::size_t top) {
    end_word();
    std::vector<Word> all;
    all.reserve(seen_.size());
    for (auto& [word, count] : seen_) all.push_back({word, count});
    top = std::min(top, all.size());
    std::partial_sort(
        all.begin(), all.begin() + static_cast<std::ptrdiff_t>(top), all.end(),
        [](const Word& a, const Word& b) { return std::pair(b.count, a.word) < std::pair(a.count, b.word); });
    all.resize(top);
    count_.frequent = std::move(all);
    return std::move(count_);
  }

 private:
  void add(char c) {
    if (c == '\n') ++count_.lines;
    if (is_letter(c)) {
      word_ += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    } else {
      end_word();
    }
  }
  void end_word() {
    if (word_.empty()) return;
    ++count_.words;
    ++seen_[word_];
    word_.clear();
  }

  Count count_;
  std::string word_;
  std::unordered_map<std::string, std::uint64_t> seen_;
};

Count count(flowrra::CpuContext& ctx, const CountArgs& args) {
  std::ifstream file(args.path, std::ios::binary | std::ios::ate);
  if (!file) throw flowrra::Permanent("cannot read " + args.path);
  const auto total = static_cast<double>(file.tellg());
  file.seekg(0);
  Counter counter;
  std::vector<char> piece(1 << 20);
  double done = 0;
  while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())), file.gcount() > 0) {
    ctx.throw_if_cancelled();
    counter.add(piece.data(), static_cast<std::size_t>(file.gcount()));
    done += static_cast<double>(file.gcount());
    ctx.progress(done, total, "bytes");
  }
  return counter.finish(args.top);
}

std::int64_t add(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) throw flowrra::Permanent("the sum does not fit 64 bits");
  return sum;
}

std::string repeat(const std::string& text, std::uint16_t times, const std::optional<std::string>& between) {
  constexpr std::size_t limit = 100'000;
  if ((text.size() + between.value_or("").size()) * times > limit) throw flowrra::Permanent("the text gets too long");
  std::string out;
  for (int i = 0; i < times; ++i) out += (i > 0 ? between.value_or("") : "") + text;
  return out;
}

}  // namespace

FLOWRRA_PLUGIN("text", "1.0.0") {
  plugin.cpu("text.count", count, {.doc = "Count the lines and words of a file and its most frequent words"});
  plugin.cpu("text.add", add, {.args = {"a", "b"}, .doc = "Add two whole numbers"});
  plugin.cpu("text.repeat", repeat, {.args = {"text", "times", "between"}, .doc = "Repeat a text"});
}
