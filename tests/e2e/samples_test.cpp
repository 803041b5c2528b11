// The sample plugins at work in a node, each with real input.
#include <array>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "support/png.hpp"
#include "support/web_server.hpp"
#include "support/workplace.hpp"

using namespace flowrra::test;
using Json = nlohmann::json;

namespace {

Setup with(const std::string& plugin) { return {.plugins = {sample(plugin)}}; }

void write(const std::filesystem::path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Json result_of(const Workplace& workplace, const std::vector<std::string>& words) {
  const Json record = workplace.ended(workplace.submit(words));
  BOOST_REQUIRE_MESSAGE(record["state"] == "success", record.dump());
  return record["result"];
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_c_plugin_greets) {
  const Workplace workplace(with("hello-c.so"));
  auto node = workplace.node();
  BOOST_TEST(result_of(workplace, {"hello.greet", "Ada"}) == "Hello, Ada!");
  BOOST_TEST(result_of(workplace, {"hello.greet", "name=Zoë"}) == "Hello, Zoë!");
  const Json list{1, 2.5, "three"};
  BOOST_TEST(result_of(workplace, {"hello.echo", "1", "2.5", "three"}) == list);
}

BOOST_AUTO_TEST_CASE(words_of_a_text_are_counted) {
  const Workplace workplace(with("text.so"));
  write(workplace / "text", "To be, or not to be:\nthat is the question.\n");
  auto node = workplace.node();
  const Json count = result_of(workplace, {"text.count", "path=" + (workplace / "text").string(), "top=2"});
  BOOST_TEST(count["lines"] == 2);
  BOOST_TEST(count["words"] == 10);
  BOOST_TEST(count["bytes"] == 43);
  const Json top = Json::parse(R"([{"word":"be","count":2},{"word":"to","count":2}])");
  BOOST_TEST(count["frequent"] == top);
}

BOOST_AUTO_TEST_CASE(a_missing_text_fails_at_the_first_attempt) {
  const Workplace workplace(with("text.so"));
  auto node = workplace.node();
  const Json record = workplace.ended(workplace.submit({"text.count", workplace / "nowhere"}));
  BOOST_TEST(record["state"] == "failed");
  BOOST_TEST(record["attempt"] == 1);
  BOOST_TEST(record["error"]["code"] == "permanent");
}

BOOST_AUTO_TEST_CASE(thumbnails_of_png_and_jpeg_keep_the_shape) {
  const Workplace workplace(with("media.so"));
  write(workplace / "picture.png", gradient_png(640, 400));
  auto node = workplace.node();
  const std::string picture = workplace / "picture.png";
  const std::string jpeg = workplace / "small.jpg";
  const Json first = result_of(workplace, {"media.thumbnail", "path=" + picture, "width=320", "output=" + jpeg});
  BOOST_TEST(first["width"] == 320);
  BOOST_TEST(first["height"] == 200);
  BOOST_TEST(first["bytes"] == content(jpeg).size());
  BOOST_TEST(content(jpeg).substr(0, 2) == "\xff\xd8");

  const Json second = result_of(workplace, {"media.thumbnail", jpeg, "100"});
  BOOST_TEST(second["path"] == (workplace / "small.thumb.jpg").string());
  BOOST_TEST(second["width"] == 100);
  BOOST_TEST(second["height"] == 63);

  const Json third = result_of(workplace, {"media.thumbnail", picture, "64"});
  BOOST_TEST(content(workplace / "picture.thumb.png").substr(1, 3) == "PNG");
  BOOST_TEST(third["height"] == 40);
}

BOOST_AUTO_TEST_CASE(what_is_no_picture_fails_for_good) {
  const Workplace workplace(with("media.so"));
  write(workplace / "text.jpg", "this is no picture");
  auto node = workplace.node();
  const Json record = workplace.ended(workplace.submit({"media.thumbnail", workplace / "text.jpg"}));
  BOOST_TEST(record["state"] == "failed");
  BOOST_TEST(record["attempt"] == 1);
}

BOOST_AUTO_TEST_CASE(a_page_is_downloaded_and_a_missing_one_fails_for_good) {
  const WebServer server({{"/page", std::string(100'000, 'x')}});
  const Workplace workplace(with("web.so"));
  auto node = workplace.node();
  const std::string file = workplace / "page";
  const Json page = result_of(workplace, {"web.download", server.url("/page"), file});
  BOOST_TEST(page["status"] == 200);
  BOOST_TEST(page["bytes"] == 100'000);
  BOOST_TEST(content(file).size() == 100'000U);
  const Json missing = workplace.ended(workplace.submit({"web.fetch", server.url("/nothing")}));
  BOOST_TEST(missing["state"] == "failed");
  BOOST_TEST(missing["attempt"] == 1);
}

BOOST_AUTO_TEST_CASE(many_downloads_wait_at_once_in_one_host) {
  constexpr int kDownloads = 40;
  // No answer is given before all have asked: they can only succeed together.
  const WebServer server({{"/page", "hello"}}, kDownloads);
  const Workplace workplace(with("web.so"));
  auto node = workplace.node();
  std::vector<std::string> ids;
  ids.reserve(kDownloads);
  for (int i = 0; i < kDownloads; ++i) {
    ids.push_back(workplace.submit({"web.fetch", server.url("/page"), "--timeout", "60"}));
  }
  for (const std::string& id : ids) {
    const Json record = workplace.ended(id);
    BOOST_TEST(record["state"] == "success");
    BOOST_TEST(record["attempt"] == 1);
  }
  BOOST_TEST(server.requests() == kDownloads);
}

BOOST_AUTO_TEST_CASE(files_are_hashed_one_or_many) {
  const Workplace workplace(with("files.so"));
  write(workplace / "abc", "abc");
  write(workplace / "empty", "");
  const std::string abc = workplace / "abc";
  const std::string empty = workplace / "empty";
  const std::string sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  auto node = workplace.node();
  const Json expected{{"hash", sha256}, {"bytes", 3}};
  BOOST_TEST(result_of(workplace, {"files.hash", abc}) == expected);
  BOOST_TEST(result_of(workplace, {"files.hash", abc, "md5"})["hash"] == "900150983cd24fb0d6963f7d28e17f72");
  const Json sums = result_of(workplace, {"files.sums", "paths=[" + abc + ", " + empty + "]", "at_once=1"});
  BOOST_TEST(sums.size() == 2U);
  BOOST_TEST(sums[abc] == sha256);
  const Json missing = workplace.ended(workplace.submit({"files.sums", "paths=[" + abc + ", /no/such/file]"}));
  BOOST_TEST(missing["state"] == "failed");
  BOOST_TEST(missing["error"]["message"] == "cannot open /no/such/file");
  BOOST_TEST(workplace.flowrra({"submit", "files.hash", abc, "sha265"}).code() == 6);
}

BOOST_AUTO_TEST_CASE(what_fails_is_tried_again_after_its_delay_or_not_at_all) {
  const Workplace workplace(with("flaky.so"));
  auto node = workplace.node();
  const Json failed = workplace.ended(workplace.submit({"flaky.fail", "2"}));
  BOOST_TEST(failed["result"] == 3);
  BOOST_TEST(failed["attempt"] == 3);
  BOOST_TEST(result_of(workplace, {"flaky.later", "20ms", "2"}) == 3);
  const Json never = workplace.ended(workplace.submit({"flaky.never", "no such account"}));
  BOOST_TEST(never["state"] == "failed");
  BOOST_TEST(never["attempt"] == 1);
  BOOST_TEST(never["error"]["message"] == "no such account");
  BOOST_TEST(workplace.flowrra({"submit", "flaky.later", "a while", "2"}).code() == 6);
}

BOOST_AUTO_TEST_CASE(crashes_are_charged_to_the_task_until_they_are_too_many) {
  const Workplace workplace(with("flaky.so"));
  auto node = workplace.node();
  for (const std::string how : {"segv", "abort", "exit", "kill"}) {
    const Json once = workplace.ended(workplace.submit({"flaky.crash", how}));
    BOOST_TEST(once["result"] == 2, how);
    BOOST_TEST(once["crashes"] == 1, how);
  }
  const Json poison = workplace.ended(workplace.submit({"flaky.crash", "abort", "9"}));
  BOOST_TEST(poison["state"] == "failed");
  BOOST_TEST(poison["crashes"] == 2);
}

BOOST_AUTO_TEST_CASE(exec_runs_a_task_without_any_store) {
  const Workplace workplace(with("text.so"));
  const Outcome outcome = workplace.flowrra({"exec", "text.add", "2", "3", "-o", "value"});
  BOOST_TEST(outcome.code() == 0);
  BOOST_TEST(outcome.out == "5\n");
  BOOST_TEST(workplace.flowrra({"exec", "text.add", "2", "x"}).code() == 6);
  BOOST_TEST(workplace.flowrra({"exec", "text.count", workplace / "nowhere"}).code() == 4);
  BOOST_TEST(!std::filesystem::exists(workplace / "store"));
}
