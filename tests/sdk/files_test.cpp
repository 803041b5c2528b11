// read_file, write_file, File: on the loop of testing.hpp.

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "flowrra/plugin.hpp"
#include "flowrra/testing.hpp"
#include "support/temp_dir.hpp"

BOOST_AUTO_TEST_SUITE(files_on_the_pool)

namespace {

using flowrra::Co;
using flowrra::IoContext;
using flowrra::testing::Bench;
using flowrra::testing::End;
using flowrra::testing::Outcome;

struct Folder {
  flowrra::test::TempDir folder;
  std::filesystem::path path = folder / "file";
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_file_is_written_whole_and_read_whole) {
  const Folder here;
  const Outcome outcome = Bench().io(
      [](IoContext& ctx, std::filesystem::path path) -> Co<std::string> {
        co_await flowrra::write_file(ctx, path, "old");
        std::filesystem::permissions(path, std::filesystem::perms::owner_all);
        co_await flowrra::write_file(ctx, path, std::string(600'000, 'n'));
        const std::string text = co_await flowrra::read_file(ctx, path);
        co_return std::to_string(text.size()) + text.substr(0, 1);
      },
      here.path);
  BOOST_TEST(outcome.value<std::string>() == "600000n");
  BOOST_TEST((std::filesystem::status(here.path).permissions() == std::filesystem::perms::owner_all));
  BOOST_TEST(std::distance(std::filesystem::directory_iterator(here.folder.path()), {}) == 1);
}

BOOST_AUTO_TEST_CASE(a_file_is_written_and_read_in_chunks) {
  const Folder here;
  const Outcome outcome = Bench().io(
      [](IoContext& ctx, std::filesystem::path path) -> Co<std::vector<std::string>> {
        auto out = co_await flowrra::File::open(ctx, path, flowrra::File::Mode::write);
        co_await out.write("one");
        co_await out.write("two");
        co_await out.sync();
        out.close();
        auto more = co_await flowrra::File::open(ctx, path, flowrra::File::Mode::append);
        co_await more.write("!");
        auto in = co_await flowrra::File::open(ctx, path);
        std::vector<std::string> chunks;
        chunks.push_back(std::to_string(co_await in.size()));
        for (std::string chunk = co_await in.read(4); !chunk.empty(); chunk = co_await in.read(4))
          chunks.push_back(chunk);
        co_return chunks;
      },
      here.path);
  BOOST_TEST(outcome.json == R"(["7","onet","wo!"])");
}

BOOST_AUTO_TEST_CASE(errors_name_the_file_and_a_file_too_large_is_refused_for_good) {
  const Folder here;
  const auto read = [](IoContext& ctx, std::filesystem::path path) -> Co<std::string> {
    co_return co_await flowrra::read_file(ctx, path, 5);
  };
  BOOST_TEST(Bench().io(read, here.path).message ==
             "cannot open " + here.path.native() + ": No such file or directory");
  std::ofstream(here.path) << "123456";
  BOOST_TEST((Bench().io(read, here.path).end == End::permanent));
  const auto write = [](IoContext& ctx, std::filesystem::path path) -> Co<> {
    co_await flowrra::write_file(ctx, path / "below", "x");
  };
  BOOST_TEST(Bench().io(write, here.path).message ==
             "cannot write beside " + here.path.native() + "/below: Not a directory");
}

BOOST_AUTO_TEST_SUITE_END()
