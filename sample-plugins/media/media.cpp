// Thumbnails as a cpu task: arguments are a struct with defaults, errors of the picture are final.

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <flowrra/plugin.hpp>
#include <optional>
#include <string>

#include "picture.hpp"

namespace {

struct ThumbnailArgs {
  std::string path;
  int width = 256;
  std::optional<std::string> output;  // .jpg, .jpeg or .png; default: PATH.thumb.jpg, or .png of a PNG
  int quality = 85;                   // of a JPEG, 1 to 100
};
FLOWRRA_FIELDS(ThumbnailArgs, path, width, output, quality);

struct Thumbnail {
  std::string path;
  int width = 0;
  int height = 0;
  std::uint64_t bytes = 0;
};
FLOWRRA_FIELDS(Thumbnail, path, width, height, bytes);

std::string extension_of(const std::string& path) {
  std::string extension = std::filesystem::path(path).extension();
  for (char& c : extension) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return extension;
}

std::string output_of(const ThumbnailArgs& args) {
  if (args.output) return *args.output;
  std::filesystem::path path(args.path);
  path.replace_extension(extension_of(args.path) == ".png" ? ".thumb.png" : ".thumb.jpg");
  return path;
}

void check(const ThumbnailArgs& args, const std::string& extension) {
  if (args.width < 1 || args.width > 10'000) throw flowrra::Permanent("width: must be between 1 and 10000");
  if (args.quality < 1 || args.quality > 100) throw flowrra::Permanent("quality: must be between 1 and 100");
  if (extension != ".jpg" && extension != ".jpeg" && extension != ".png")
    throw flowrra::Permanent("output: must end in .jpg, .jpeg or .png");
}

// `width` wide and of the same shape; a picture that is not wider stays as it is.
media::Picture thumbnail_of(media::Picture picture, int width) {
  if (picture.width <= width) return picture;
  const double height = static_cast<double>(picture.height) * width / picture.width;
  return media::scaled(picture, width, std::max(1, static_cast<int>(std::lround(height))));
}

Thumbnail thumbnail(flowrra::CpuContext& ctx, const ThumbnailArgs& args) {
  const std::string output = output_of(args);
  const std::string extension = extension_of(output);
  check(args, extension);
  ctx.progress(0, 3, "reading");
  media::Picture picture = media::decode(media::read_file(args.path), args.width);
  ctx.throw_if_cancelled();
  ctx.progress(1, 3, "scaling");
  picture = thumbnail_of(std::move(picture), args.width);
  ctx.throw_if_cancelled();
  ctx.progress(2, 3, "writing");
  const media::Bytes file =
      extension == ".png" ? media::encode_png(picture) : media::encode_jpeg(picture, args.quality);
  media::write_file(output, file);
  return {output, picture.width, picture.height, file.size()};
}

}  // namespace

FLOWRRA_PLUGIN("media", "1.0.0") {
  plugin.cpu("media.thumbnail", thumbnail,
             {.timeout = 60s, .memory = 2_GiB, .doc = "Make a small JPEG or PNG of a JPEG or PNG picture"});
}
