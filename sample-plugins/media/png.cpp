// libpng's simplified interface: it keeps its longjmp to itself and gives errors as values.

#include <png.h>

#include <flowrra/errors.hpp>

#include "picture.hpp"

namespace media {

namespace {

struct Image : png_image {
  Image() : png_image{} { version = PNG_IMAGE_VERSION; }
  Image(const Image&) = delete;
  Image& operator=(const Image&) = delete;
  ~Image() { png_image_free(this); }
};

}  // namespace

Picture decode_png(const Bytes& file) {
  Image image;
  const auto refuse = [&] {
    throw flowrra::Permanent(std::string("the PNG picture cannot be read: ") + image.message);
  };
  if (png_image_begin_read_from_memory(&image, file.data(), file.size()) == 0) refuse();
  image.format = PNG_FORMAT_RGBA;
  Picture picture = make_picture(image.width, image.height);
  if (png_image_finish_read(&image, nullptr, picture.pixels.data(), 0, nullptr) == 0) refuse();
  return picture;
}

Bytes encode_png(const Picture& picture) {
  Image image;
  image.width = static_cast<png_uint_32>(picture.width);
  image.height = static_cast<png_uint_32>(picture.height);
  image.format = PNG_FORMAT_RGBA;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  Bytes file(size);
  if (png_image_write_to_memory(&image, file.data(), &size, 0, picture.pixels.data(), 0, nullptr) == 0)
    throw std::runtime_error(std::string("the PNG picture cannot be made: ") + image.message);
  file.resize(size);
  return file;
}

}  // namespace media
