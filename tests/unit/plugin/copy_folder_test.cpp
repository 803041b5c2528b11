#include "plugin/copy_folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iterator>

#include "base/sha256.hpp"
#include "plugin/admit.hpp"
#include "support/temp_dir.hpp"

using namespace flowrra;

namespace {

constexpr Micros kNow{0};

std::string content(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string digest_of(const std::string& text) {
  Sha256 digest;
  digest.add(text);
  return "sha256:" + digest.hex();
}

struct Place {
  Place() { write("first"); }
  void write(const std::string& text) const {
    std::ofstream(file, std::ios::trunc) << text;
    chmod(file.c_str(), 0644);
  }
  [[nodiscard]] CopyFolder open() const {
    auto opened = CopyFolder::open(copies);
    BOOST_REQUIRE_MESSAGE(opened.ok(), (opened ? "" : opened.error().message));
    return *std::move(opened);
  }
  [[nodiscard]] PluginFile copy() const {
    const auto opened = open_trusted(file);
    BOOST_REQUIRE(opened.ok());
    auto copy = open().copy_of(*opened);
    BOOST_REQUIRE_MESSAGE(copy.ok(), (copy ? "" : copy.error().message));
    return *std::move(copy);
  }
  [[nodiscard]] std::size_t count(const std::string& prefix) const {
    std::size_t out = 0;
    for (const auto& entry : std::filesystem::directory_iterator(copies)) {
      out += entry.path().filename().string().starts_with(prefix) ? 1U : 0U;
    }
    return out;
  }

  test::TempDir folder;
  std::string file = (folder / "plugin.so").string();
  std::string copies = (folder / "deep" / "copies").string();
};

ino_t inode(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(copy_folder)

BOOST_AUTO_TEST_CASE(a_copy_is_named_by_what_it_holds_and_is_this_users_alone) {
  const Place place;
  const PluginFile copy = place.copy();
  BOOST_TEST(copy.digest == digest_of("first"));
  BOOST_TEST(content(copy.copy) == "first");
  BOOST_TEST(copy.copy.find(copy.digest.substr(7)) != std::string::npos);
  struct stat status {};
  BOOST_REQUIRE_EQUAL(stat(copy.copy.c_str(), &status), 0);
  BOOST_TEST((status.st_mode & 07777) == 0400U);
  BOOST_REQUIRE_EQUAL(stat(place.copies.c_str(), &status), 0);
  BOOST_TEST((status.st_mode & 07777) == 0700U);
  BOOST_TEST(place.count("draft-") == 0U);
}

BOOST_AUTO_TEST_CASE(a_file_that_changes_leaves_its_copy_alone_and_gets_another) {
  const Place place;
  const PluginFile first = place.copy();
  place.write("second, in place");
  BOOST_TEST(content(first.copy) == "first");
  const PluginFile second = place.copy();
  BOOST_TEST(second.digest == digest_of("second, in place"));
  BOOST_TEST(truncate(place.file.c_str(), 0) == 0);
  BOOST_TEST(content(second.copy) == "second, in place");
  BOOST_TEST(content(first.copy) == "first");
}

BOOST_AUTO_TEST_CASE(a_copy_that_is_there_is_used_again) {
  const Place place;
  const ino_t first = inode(place.copy().copy);
  BOOST_TEST(inode(place.copy().copy) == first);
  std::filesystem::create_directory(place.folder / "other");
  std::filesystem::copy_file(place.file, place.folder / "other/plugin.so");
  const auto same = open_trusted(place.folder / "other/plugin.so");
  BOOST_TEST(inode(place.open().copy_of(*same)->copy) == first);
  BOOST_TEST(place.count("plugin-") == 1U);
}

BOOST_AUTO_TEST_CASE(a_copy_that_was_damaged_is_made_anew) {
  const Place place;
  const std::string copy = place.copy().copy;
  chmod(copy.c_str(), 0600);
  std::ofstream(copy, std::ios::trunc) << "other";
  BOOST_TEST(place.copy().copy == copy);
  BOOST_TEST(content(copy) == "first");
}

BOOST_AUTO_TEST_CASE(what_was_verified_once_is_not_read_again_until_somebody_touches_it) {
  const Place place;
  // A file of the system is old enough for its time stamps to be relied on.
  const std::string old = "/usr/bin/env";
  const auto opened = open_trusted(old);
  BOOST_REQUIRE(opened.ok());
  const auto first = place.open().copy_of(*opened);
  BOOST_REQUIRE(first.ok());
  BOOST_TEST(place.count("seen-") == 1U);
  const auto again = place.open().copy_of(*opened);
  BOOST_REQUIRE(again.ok());
  BOOST_TEST(again->copy == first->copy);
  chmod(first->copy.c_str(), 0600);
  std::ofstream(first->copy, std::ios::app) << "more";
  const auto repaired = place.open().copy_of(*opened);
  BOOST_REQUIRE(repaired.ok());
  BOOST_TEST(content(repaired->copy) == content(old));
}

BOOST_AUTO_TEST_CASE(what_nobody_holds_is_swept_and_what_somebody_holds_is_not) {
  const Place place;
  const std::string old = place.copy().copy;
  place.write("held");
  const PluginFile held = place.copy();
  place.open().sweep(std::chrono::hours(1));
  BOOST_TEST(std::filesystem::exists(old));  // young
  place.open().sweep(kNow - std::chrono::hours(1));
  BOOST_TEST(!std::filesystem::exists(old));
  BOOST_TEST(std::filesystem::exists(held.copy));
}

BOOST_AUTO_TEST_CASE(a_folder_that_others_can_look_into_is_refused) {
  const Place place;
  std::filesystem::create_directories(place.copies);
  chmod(place.copies.c_str(), 0755);
  const auto opened = CopyFolder::open(place.copies);
  BOOST_REQUIRE(!opened.ok());
  BOOST_TEST((opened.error().code == Code::denied));
  BOOST_TEST(opened.error().hint.find("chmod 700") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_pin_lets_in_what_it_names_and_nothing_else) {
  const Place place;
  AdmitRules rules{place.copies, {{"plugin.so", digest_of("first")}}};
  const auto good = admit_plugins(rules, {place.file}).front();
  BOOST_REQUIRE(good.ok());
  BOOST_TEST(good->path == place.file);
  place.write("tampered with");
  const auto bad = admit_plugins(rules, {place.file}).front();
  BOOST_REQUIRE(!bad.ok());
  BOOST_TEST((bad.error().code == Code::denied));
  BOOST_TEST(bad.error().message.find("pinned to " + digest_of("first")) != std::string::npos);
  rules.pins = {{place.file, digest_of("tampered with")}, {"plugin.so", digest_of("first")}};
  BOOST_TEST(admit_plugins(rules, {place.file}).front().ok());  // the path is nearer than the name
}

BOOST_AUTO_TEST_CASE(one_file_that_is_not_let_in_stops_no_other) {
  const Place place;
  const std::string open = (place.folder / "open.so").string();
  std::ofstream(open) << "x";
  chmod(open.c_str(), 0666);
  const auto answers = admit_plugins({place.copies, {}}, {open, place.file, place.folder / "none.so"});
  BOOST_TEST((answers[0].error().code == Code::denied));
  BOOST_TEST(answers[1].ok());
  BOOST_TEST((answers[2].error().code == Code::not_found));
}

BOOST_AUTO_TEST_SUITE_END()
