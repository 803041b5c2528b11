#include "picture.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <flowrra/errors.hpp>
#include <fstream>

namespace media {

void check_size(std::uint64_t width, std::uint64_t height) {
  constexpr std::uint64_t max_side = 30'000;
  constexpr std::uint64_t max_pixels = 100'000'000;
  if (width == 0 || height == 0 || width > max_side || height > max_side || width * height > max_pixels)
    throw flowrra::Permanent("a picture of " + std::to_string(width) + " x " + std::to_string(height) +
                             " pixels is not taken on: at most 30000 a side and 100 million in all");
}

Picture make_picture(std::uint64_t width, std::uint64_t height) {
  check_size(width, height);
  Picture picture;
  picture.width = static_cast<int>(width);
  picture.height = static_cast<int>(height);
  picture.pixels.resize(width * height * 4);
  return picture;
}

Bytes read_file(const std::string& path) {
  constexpr std::uintmax_t max_size = 256U << 20U;
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error) throw flowrra::Permanent("cannot read " + path + ": " + error.message());
  if (size > max_size) throw flowrra::Permanent(path + " is larger than 256 MiB");
  std::ifstream file(path, std::ios::binary);
  Bytes content(size);
  if (!file.read(reinterpret_cast<char*>(content.data()), static_cast<std::streamsize>(size)))
    throw flowrra::Permanent("cannot read " + path);
  return content;
}

Picture decode(const Bytes& file, int wanted_width) {
  constexpr std::uint8_t jpeg[] = {0xff, 0xd8, 0xff};
  constexpr std::uint8_t png[] = {0x89, 'P', 'N', 'G'};
  const auto begins_with = [&](const auto& mark) {
    return file.size() >= sizeof(mark) && std::memcmp(file.data(), mark, sizeof(mark)) == 0;
  };
  if (begins_with(jpeg)) return decode_jpeg(file, wanted_width);
  if (begins_with(png)) return decode_png(file);
  throw flowrra::Permanent("the file is neither JPEG nor PNG");
}

void write_file(const std::string& path, const Bytes& content) {
  const auto fail = [&](const std::string& temporary) {
    const int error = errno;
    if (!temporary.empty()) ::unlink(temporary.c_str());
    throw std::runtime_error("cannot write " + path + ": " + std::strerror(error));
  };
  std::string temporary = path + ".XXXXXX";
  const int fd = ::mkostemp(temporary.data(), O_CLOEXEC);
  if (fd < 0) fail("");
  std::size_t done = 0;
  while (done < content.size()) {
    const ssize_t written = ::write(fd, content.data() + done, content.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      ::close(fd);
      fail(temporary);
    }
    done += static_cast<std::size_t>(written);
  }
  ::fchmod(fd, 0644);
  if (::close(fd) != 0 || ::rename(temporary.c_str(), path.c_str()) != 0) fail(temporary);
}

}  // namespace media
