// libjpeg ends with longjmp on an error. Between setjmp and a possible longjmp the functions here hold no object with a
// destructor: such objects belong to the callers.

#include <csetjmp>
#include <cstdio>
#include <cstdlib>

// libjpeg's headers want FILE and size_t first.
#include <jerror.h>
#include <jpeglib.h>

#include <flowrra/errors.hpp>

#include "picture.hpp"

namespace media {

namespace {

struct Errors {
  jpeg_error_mgr manager;
  std::jmp_buf back;
  char message[JMSG_LENGTH_MAX];
};

[[noreturn]] void leave(j_common_ptr info) {
  auto* errors = reinterpret_cast<Errors*>(info->err);
  info->err->format_message(info, errors->message);
  std::longjmp(errors->back, 1);
}

jpeg_error_mgr* prepare(Errors& errors) {
  jpeg_std_error(&errors.manager);
  errors.manager.error_exit = leave;
  errors.manager.output_message = [](j_common_ptr) {};
  // A warning by itself is no reason to refuse a picture, but half a file is.
  errors.manager.emit_message = [](j_common_ptr info, int) {
    if (info->err->msg_code == JWRN_JPEG_EOF) leave(info);
  };
  return &errors.manager;
}

[[noreturn]] void refuse(const Errors& errors) {
  throw flowrra::Permanent(std::string("the JPEG picture cannot be read: ") + errors.message);
}

// Reads the header. False: see errors.message.
bool begin(jpeg_decompress_struct& info, Errors& errors, const Bytes& file, int wanted_width) {
  if (setjmp(errors.back) != 0) return false;  // NOLINT
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, file.data(), static_cast<unsigned long>(file.size()));
  jpeg_read_header(&info, TRUE);
  info.out_color_space =
      info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK ? JCS_CMYK : JCS_EXT_RGBA;
  // Eighths of the size, down to 1/8, still as wide as is wanted.
  info.scale_denom = 8;
  info.scale_num = 8;
  for (unsigned eighths = 4; eighths >= 1; eighths /= 2)
    if (info.image_width * eighths / 8 >= static_cast<unsigned>(wanted_width)) info.scale_num = eighths;
  jpeg_calc_output_dimensions(&info);
  return true;
}

// As Adobe stores CMYK each value is what is left of the light; otherwise it is the ink.
void cmyk_to_rgba(std::uint8_t* row, int width, bool adobe) {
  for (int x = 0; x < width; ++x, row += 4) {
    for (int c = 0; c < 4 && !adobe; ++c) row[c] = static_cast<std::uint8_t>(255 - row[c]);
    const unsigned black = row[3];
    for (int c = 0; c < 3; ++c) row[c] = static_cast<std::uint8_t>(row[c] * black / 255);
    row[3] = 255;
  }
}

bool read_rows(jpeg_decompress_struct& info, Errors& errors, Picture& picture) {
  if (setjmp(errors.back) != 0) return false;  // NOLINT
  jpeg_start_decompress(&info);
  while (info.output_scanline < info.output_height) {
    JSAMPROW row = picture.row(static_cast<int>(info.output_scanline));
    jpeg_read_scanlines(&info, &row, 1);
    if (info.out_color_space == JCS_CMYK) cmyk_to_rgba(row, picture.width, info.saw_Adobe_marker != 0);
  }
  jpeg_finish_decompress(&info);
  return true;
}

struct Decompress : jpeg_decompress_struct {
  Decompress() : jpeg_decompress_struct{} {}
  Decompress(const Decompress&) = delete;
  Decompress& operator=(const Decompress&) = delete;
  ~Decompress() { jpeg_destroy_decompress(this); }
};

struct Compress : jpeg_compress_struct {
  Compress() : jpeg_compress_struct{} {}
  Compress(const Compress&) = delete;
  Compress& operator=(const Compress&) = delete;
  ~Compress() {
    jpeg_destroy_compress(this);
    std::free(buffer);
  }
  unsigned char* buffer = nullptr;  // libjpeg's
  unsigned long size = 0;
};

// `line` has room for one row of RGB.
bool write_rows(Compress& info, Errors& errors, const Picture& picture, int quality, std::uint8_t* line) {
  if (setjmp(errors.back) != 0) return false;  // NOLINT
  jpeg_create_compress(&info);
  jpeg_mem_dest(&info, &info.buffer, &info.size);
  info.image_width = static_cast<JDIMENSION>(picture.width);
  info.image_height = static_cast<JDIMENSION>(picture.height);
  info.input_components = 3;
  info.in_color_space = JCS_RGB;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, quality, TRUE);
  info.optimize_coding = TRUE;
  jpeg_start_compress(&info, TRUE);
  while (info.next_scanline < info.image_height) {
    const std::uint8_t* pixel = picture.row(static_cast<int>(info.next_scanline));
    for (int x = 0; x < picture.width; ++x, pixel += 4)
      for (int c = 0; c < 3; ++c)
        line[x * 3 + c] = static_cast<std::uint8_t>((pixel[c] * pixel[3] + 255 * (255 - pixel[3])) / 255);
    JSAMPROW row = line;
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  return true;
}

}  // namespace

Picture decode_jpeg(const Bytes& file, int wanted_width) {
  Errors errors{};
  Decompress info;
  info.err = prepare(errors);
  if (!begin(info, errors, file, wanted_width)) refuse(errors);
  check_size(info.image_width, info.image_height);
  Picture picture = make_picture(info.output_width, info.output_height);
  if (!read_rows(info, errors, picture)) refuse(errors);
  return picture;
}

Bytes encode_jpeg(const Picture& picture, int quality) {
  Errors errors{};
  Compress info;
  info.err = prepare(errors);
  Bytes line(static_cast<std::size_t>(picture.width) * 3);
  if (!write_rows(info, errors, picture, quality, line.data()))
    throw std::runtime_error(std::string("the JPEG picture cannot be made: ") + errors.message);
  return {info.buffer, info.buffer + info.size};
}

}  // namespace media
