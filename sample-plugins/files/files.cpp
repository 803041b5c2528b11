// Hashes files. Reading a disk blocks, so none of this may happen on an io host's loop. Two ways around that:
//   files.hash   an ordinary function: as an io task it runs on a thread of the host's pool from beginning to end
//   files.sums   a coroutine on the loop that gives the threads one file after another, several at once
#include <filesystem>
#include <flowrra/plugin.hpp>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "digest.hpp"

namespace {

// Enums travel by name: `flowrra submit files.hash big.iso sha512`. Another name is refused before it is queued.
enum class Algorithm { sha256, sha512, sha1, md5 };
FLOWRRA_ENUM(Algorithm, sha256, sha512, sha1, md5);

struct HashArgs {
  std::filesystem::path path;
  Algorithm algorithm = Algorithm::sha256;
};
// sha256 is the first of its enum, what an Algorithm{} is anyway; without FLOWRRA_OPTIONAL it would have to be given.
FLOWRRA_FIELDS(HashArgs, path, algorithm);
FLOWRRA_OPTIONAL(HashArgs, algorithm);

struct Hash {
  std::string hash;
  std::uintmax_t bytes = 0;
};
FLOWRRA_FIELDS(Hash, hash, bytes);

const EVP_MD* method(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::sha512:
      return EVP_sha512();
    case Algorithm::sha1:
      return EVP_sha1();
    case Algorithm::md5:
      return EVP_md5();
    case Algorithm::sha256:
      break;
  }
  return EVP_sha256();
}

// Hashes a file and calls progress(done, total) on the way.
template <class Progress>
Hash read_hash(const flowrra::Context& ctx, const HashArgs& args, const Progress& progress) {
  std::ifstream file(args.path, std::ios::binary);
  // Trying again would not bring the file back; Permanent says so and saves the attempts.
  if (!file) throw flowrra::Permanent("cannot open " + args.path.native());
  std::error_code unknown;
  const std::uintmax_t size = std::filesystem::file_size(args.path, unknown);

  Digest digest(method(args.algorithm));
  Hash result;
  std::string chunk(std::size_t{1} << 20, '\0');
  while (file) {
    // Nobody can stop a thread from outside: a task that takes long looks now and then whether it should stop.
    ctx.throw_if_cancelled();
    file.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
    const auto got = static_cast<std::size_t>(file.gcount());
    digest.add(std::string_view(chunk).substr(0, got));
    result.bytes += got;
    progress(static_cast<double>(result.bytes), unknown ? 0 : static_cast<double>(size));
  }
  if (file.bad()) throw std::runtime_error("cannot read " + args.path.native());
  result.hash = digest.hex();
  return result;
}

// Runs on a thread of the pool, beside other tasks on other threads: it shares nothing with them.
Hash hash(flowrra::BlockingContext& ctx, const HashArgs& args) {
  return read_hash(ctx, args, [&](double done, double total) { ctx.progress(done, total, "bytes"); });
}

struct SumsArgs {
  std::vector<std::filesystem::path> paths;
  Algorithm algorithm = Algorithm::sha256;
  unsigned at_once = 2;
};
FLOWRRA_FIELDS(SumsArgs, paths, algorithm, at_once);
FLOWRRA_OPTIONAL(SumsArgs, algorithm);

struct Sums {
  std::map<std::string, std::string> hashes;
  std::size_t all = 0;
};

// One file. A coroutine takes what it keeps by value; `turns` and `sums` outlive it, because sums() waits for it.
flowrra::Co<void> add_sum(flowrra::IoContext& ctx, flowrra::Semaphore& turns, HashArgs args, Sums& sums) {
  const auto turn = co_await turns.acquire();
  // Capturing by reference is safe: the coroutine waits until the thread has done its work, whatever happens.
  const Hash one = co_await ctx.blocking(
      [&](flowrra::BlockingContext& thread) { return read_hash(thread, args, [](double, double) {}); });
  sums.hashes[args.path.native()] = one.hash;
  ctx.progress(static_cast<double>(sums.hashes.size()), static_cast<double>(sums.all), args.path.native());
}

// All of them or none: the first file that cannot be read ends the others, and the task fails with its reason.
flowrra::Co<std::map<std::string, std::string>> sums(flowrra::IoContext& ctx, SumsArgs args) {
  if (args.at_once == 0) throw flowrra::Permanent("at_once: at least one file at a time");
  flowrra::Semaphore turns(args.at_once);
  Sums sums{{}, args.paths.size()};
  std::vector<flowrra::Co<void>> works;
  for (const auto& path : args.paths) {
    const HashArgs one{path, args.algorithm};
    works.push_back(add_sum(ctx, turns, one, sums));
  }
  co_await flowrra::all(std::move(works));
  co_return std::move(sums.hashes);
}

}  // namespace

FLOWRRA_PLUGIN("files", "1.0.0") {
  plugin.io("files.hash", hash, {.doc = "Hash a file, with progress"});
  plugin.io("files.sums", sums, {.doc = "Hash several files at once"});
}
