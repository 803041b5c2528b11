#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace media {

// Rows of RGBA pixels, 8 bits a channel, not premultiplied.
struct Picture {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> pixels;  // width * height * 4 bytes

  [[nodiscard]] const std::uint8_t* row(int y) const { return pixels.data() + offset(y); }
  [[nodiscard]] std::uint8_t* row(int y) { return pixels.data() + offset(y); }

 private:
  [[nodiscard]] std::size_t offset(int y) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(width) * 4;
  }
};

using Bytes = std::vector<std::uint8_t>;

// Throws flowrra::Permanent when that is larger than this plugin takes on: a small file can claim any size.
void check_size(std::uint64_t width, std::uint64_t height);

// An empty picture of that size, checked.
Picture make_picture(std::uint64_t width, std::uint64_t height);

// A file's content; its picture. The format is told by the content. Both throw flowrra::Permanent.
Bytes read_file(const std::string& path);
// wanted_width lets JPEG skip detail nobody will see: the picture may come smaller, but not narrower than that.
Picture decode(const Bytes& file, int wanted_width);
Picture decode_jpeg(const Bytes& file, int wanted_width);
Picture decode_png(const Bytes& file);

// A picture as a file. JPEG has no transparency: it gets a white ground. quality: 1 to 100.
Bytes encode_jpeg(const Picture& picture, int quality);
Bytes encode_png(const Picture& picture);

// Writes a file as a whole or not at all: through a temporary file beside it.
void write_file(const std::string& path, const Bytes& content);

// The picture at another, smaller size: each new pixel is the mean of the area that it covers.
Picture scaled(const Picture& picture, int width, int height);

}  // namespace media
