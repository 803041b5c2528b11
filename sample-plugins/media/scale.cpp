#include <algorithm>
#include <cmath>

#include "picture.hpp"

namespace media {

namespace {

// How much of each old pixel goes into one new pixel along one axis.
struct Span {
  int first = 0;
  std::vector<float> weights;  // of the pixels from `first` on; their sum is 1
};

std::vector<Span> spans(int old_size, int new_size) {
  std::vector<Span> result(static_cast<std::size_t>(new_size));
  const double ratio = static_cast<double>(old_size) / new_size;
  for (int i = 0; i < new_size; ++i) {
    const double begin = i * ratio;
    const double end = std::min<double>(old_size, begin + ratio);
    Span& span = result[static_cast<std::size_t>(i)];
    span.first = static_cast<int>(begin);
    const int last = std::min(old_size - 1, static_cast<int>(std::ceil(end)) - 1);
    for (int at = span.first; at <= last; ++at) {
      const double covered = std::min<double>(end, at + 1) - std::max<double>(begin, at);
      span.weights.push_back(static_cast<float>(covered / (end - begin)));
    }
  }
  return result;
}

// One row at its new width, as sums of premultiplied colours: what is transparent has no colour to give.
void scale_row(const std::uint8_t* row, const std::vector<Span>& columns, std::vector<float>& out) {
  for (std::size_t x = 0; x < columns.size(); ++x) {
    float sum[4] = {};
    const std::uint8_t* pixel = row + static_cast<std::size_t>(columns[x].first) * 4;
    for (const float weight : columns[x].weights) {
      const float alpha = weight * static_cast<float>(pixel[3]);
      for (int c = 0; c < 3; ++c) sum[c] += alpha * static_cast<float>(pixel[c]);
      sum[3] += alpha;
      pixel += 4;
    }
    std::copy(sum, sum + 4, out.begin() + static_cast<std::ptrdiff_t>(x * 4));
  }
}

std::uint8_t rounded(float value) { return static_cast<std::uint8_t>(std::clamp(value + 0.5F, 0.0F, 255.0F)); }

void store_row(const std::vector<float>& sums, std::uint8_t* row) {
  for (std::size_t i = 0; i < sums.size(); i += 4) {
    const float alpha = sums[i + 3];
    for (std::size_t c = 0; c < 3; ++c) row[i + c] = alpha > 0 ? rounded(sums[i + c] / alpha) : 0;
    row[i + 3] = rounded(alpha);
  }
}

}  // namespace

Picture scaled(const Picture& picture, int width, int height) {
  Picture result = make_picture(static_cast<std::uint64_t>(width), static_cast<std::uint64_t>(height));
  const std::vector<Span> columns = spans(picture.width, width);
  const std::vector<Span> rows = spans(picture.height, height);
  std::vector<float> one(static_cast<std::size_t>(width) * 4);
  std::vector<float> sum(one.size());
  for (int y = 0; y < height; ++y) {
    const Span& span = rows[static_cast<std::size_t>(y)];
    std::fill(sum.begin(), sum.end(), 0.0F);
    for (std::size_t i = 0; i < span.weights.size(); ++i) {
      scale_row(picture.row(span.first + static_cast<int>(i)), columns, one);
      for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += span.weights[i] * one[k];
    }
    store_row(sum, result.row(y));
  }
  return result;
}

}  // namespace media
