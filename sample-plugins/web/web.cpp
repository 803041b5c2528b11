// Downloads as io tasks: each is a coroutine, hundreds of them wait at once on the host's one loop thread.

#include <flowrra/plugin.hpp>

#include "file.hpp"
#include "multi.hpp"
#include "transfer.hpp"

namespace {

struct FetchArgs {
  std::string url;
  double timeout = 60;  // seconds
};
FLOWRRA_FIELDS(FetchArgs, url, timeout);

struct Fetched {
  long status = 0;
  std::uint64_t bytes = 0;
  std::string content_type;
};
FLOWRRA_FIELDS(Fetched, status, bytes, content_type);

struct DownloadArgs {
  std::string url;
  std::string path;
  double timeout = 600;  // seconds
};
FLOWRRA_FIELDS(DownloadArgs, url, path, timeout);

struct Downloaded {
  std::string path;
  long status = 0;
  std::uint64_t bytes = 0;
  std::string content_type;
};
FLOWRRA_FIELDS(Downloaded, path, status, bytes, content_type);

class Discard final : public web::Sink {
 public:
  bool take(const char* /*data*/, std::size_t /*size*/) noexcept override { return true; }
};

std::chrono::milliseconds limit(double seconds) {
  if (seconds <= 0 || seconds > 86'400) throw flowrra::Permanent("timeout: must be above 0 and at most 86400");
  return std::chrono::ceil<std::chrono::milliseconds>(std::chrono::duration<double>(seconds));
}

flowrra::Co<Fetched> fetch(flowrra::IoContext& ctx, FetchArgs args) {
  Discard sink;
  const web::Request request{args.url, limit(args.timeout)};
  const web::Response response = co_await web::perform(ctx, request, sink);
  co_return Fetched{response.status, response.bytes, response.content_type};
}

flowrra::Co<Downloaded> download(flowrra::IoContext& ctx, DownloadArgs args) {
  web::NewFile file;
  const web::Request request{args.url, limit(args.timeout)};
  co_await ctx.blocking([&] { file.open(args.path); });
  const web::Response response = co_await web::perform(ctx, request, file);
  co_await ctx.blocking([&] { file.keep(); });
  co_return Downloaded{args.path, response.status, response.bytes, response.content_type};
}

}  // namespace

FLOWRRA_PLUGIN("web", "1.0.0") {
  plugin.io("web.fetch", fetch, {.max_retries = 5, .doc = "Get a page; tells its status, size and type"});
  plugin.io("web.download", download, {.max_retries = 5, .doc = "Download a page into a file"});
  plugin.on_shutdown(&web::Multi::shutdown);
}
