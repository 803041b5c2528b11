#include "plugin/trusted_file.hpp"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "support/temp_dir.hpp"
#include "support/text.hpp"

using namespace flowrra;
using flowrra::test::has;

namespace {

// A user who is neither root nor the one who runs the tests.
constexpr uid_t kStranger = 12345;

// folder/inner/plugin.so, all as it should be.
struct Place {
  Place() {
    std::filesystem::create_directory(inner);
    std::ofstream(file) << "content";
    chmod(inner.c_str(), 0755);
    chmod(file.c_str(), 0644);
  }
  [[nodiscard]] Error refusal(uid_t user = geteuid()) const {
    const auto opened = open_trusted(file, user);
    return opened ? Error{} : opened.error();
  }

  test::TempDir folder;
  std::filesystem::path inner = folder / "inner";
  std::string file = (inner / "plugin.so").string();
};

}  // namespace

BOOST_AUTO_TEST_SUITE(trusted_file)

BOOST_AUTO_TEST_CASE(a_file_below_folders_that_nobody_else_can_change_is_opened) {
  const Place place;
  const auto opened = open_trusted(place.file);
  BOOST_REQUIRE(opened.ok());
  BOOST_TEST(opened->path == std::filesystem::canonical(place.file).string());
  BOOST_TEST(bool(opened->fd));
  BOOST_TEST(open_trusted_folder(place.inner).ok());
  BOOST_TEST(open_trusted_folder("/").ok());
}

BOOST_AUTO_TEST_CASE(a_file_that_its_group_or_everybody_can_write_is_denied) {
  const Place place;
  for (const mode_t mode : {0664, 0646}) {
    chmod(place.file.c_str(), mode);
    const Error error = place.refusal();
    BOOST_TEST((error.code == Code::denied));
    BOOST_TEST(has(error.message, place.file), error.message);
    BOOST_TEST(has(error.message, mode == 0664 ? "its group (mode 0664)" : "everybody (mode 0646)"), error.message);
    BOOST_TEST(has(error.hint, "chmod go-w"));
  }
}

BOOST_AUTO_TEST_CASE(a_folder_above_it_that_others_can_write_is_denied_unless_it_is_roots_and_sticky) {
  const Place place;
  for (const mode_t mode : {0775, 0757}) {
    chmod(place.inner.c_str(), mode);
    BOOST_TEST((place.refusal().code == Code::denied));
    BOOST_TEST(has(place.refusal().message, "the folder " + place.inner.string()), place.refusal().message);
  }
  chmod(place.inner.c_str(), 01777);
  BOOST_TEST(place.refusal().message.empty() == (geteuid() == 0));
}

BOOST_AUTO_TEST_CASE(what_belongs_to_neither_root_nor_the_user_is_denied) {
  const Place place;
  if (geteuid() != 0) {  // to somebody else all of this is a stranger's
    const Error error = place.refusal(kStranger);
    BOOST_TEST((error.code == Code::denied));
    BOOST_TEST(has(error.message, "belongs to user " + std::to_string(geteuid())), error.message);
    return;
  }
  BOOST_REQUIRE_EQUAL(chown(place.file.c_str(), kStranger, kStranger), 0);
  BOOST_TEST((place.refusal().code == Code::denied));
  BOOST_TEST(place.refusal(kStranger).message.empty());  // the folders are root's
  BOOST_REQUIRE_EQUAL(chown(place.inner.c_str(), kStranger, kStranger), 0);
  BOOST_TEST(has(place.refusal().message, "the folder " + place.inner.string() + " belongs to user 12345"));
}

// Root may read everything, so somebody else looks.
BOOST_AUTO_TEST_CASE(a_file_that_the_user_may_not_read_is_denied) {
  const Place place;
  chmod(place.file.c_str(), geteuid() == 0 ? 0600 : 0000);
  std::filesystem::permissions(place.folder.path(), std::filesystem::perms(0755));
  const pid_t child = fork();
  BOOST_REQUIRE(child >= 0);
  if (child == 0) {
    if (geteuid() == 0 && setresuid(kStranger, kStranger, kStranger) != 0) _exit(2);
    const auto opened = open_trusted(place.file);
    _exit(!opened && opened.error().code == Code::denied ? 0 : 1);
  }
  int status = 0;
  BOOST_REQUIRE_EQUAL(waitpid(child, &status, 0), child);
  BOOST_TEST(status == 0);
}

BOOST_AUTO_TEST_CASE(a_link_is_followed_and_what_it_leads_to_is_checked) {
  const Place place;
  const std::string link = (place.folder / "link.so").string();
  std::filesystem::create_symlink(place.file, link);
  const auto opened = open_trusted(link);
  BOOST_REQUIRE(opened.ok());
  BOOST_TEST(opened->path == std::filesystem::canonical(place.file).string());
  chmod(place.inner.c_str(), 0777);
  const auto refused = open_trusted(link);
  BOOST_REQUIRE(!refused.ok());
  BOOST_TEST((refused.error().code == Code::denied));
}

BOOST_AUTO_TEST_CASE(a_folder_that_holds_a_link_is_checked_like_one_that_holds_the_file) {
  const Place place;
  const auto links = place.folder / "links";
  std::filesystem::create_directory(links);
  std::filesystem::create_symlink("../inner/plugin.so", links / "near.so");
  std::filesystem::create_directory_symlink(links, place.folder / "around");
  for (const char* way : {"links/near.so", "around/near.so", "links/../around/./near.so"}) {
    const auto opened = open_trusted((place.folder / way).string());
    BOOST_REQUIRE_MESSAGE(opened.ok(), way);
    BOOST_TEST(opened->path == std::filesystem::canonical(place.file).string());
  }
  chmod(links.c_str(), 0777);
  const auto refused = open_trusted((place.folder / "around/near.so").string());
  BOOST_REQUIRE(!refused.ok());
  BOOST_TEST(has(refused.error().message, "links can be written by everybody"), refused.error().message);
}

BOOST_AUTO_TEST_CASE(a_link_of_somebody_else_is_not_followed) {
  const Place place;
  const std::string link = (place.folder / "link.so").string();
  std::filesystem::create_symlink(place.file, link);
  if (lchown(link.c_str(), kStranger, kStranger) != 0) {
    BOOST_TEST_MESSAGE("only root can give a link away");
    return;
  }
  const auto refused = open_trusted(link);
  BOOST_REQUIRE(!refused.ok());
  BOOST_TEST(has(refused.error().message, "belongs to user 12345"), refused.error().message);
}

BOOST_AUTO_TEST_CASE(links_in_a_circle_are_refused) {
  const Place place;
  std::filesystem::create_symlink("b.so", place.folder / "a.so");
  std::filesystem::create_symlink("a.so", place.folder / "b.so");
  BOOST_TEST(!open_trusted((place.folder / "a.so").string()).ok());
}

BOOST_AUTO_TEST_CASE(what_is_no_regular_file_is_refused) {
  const Place place;
  const std::string fifo = (place.folder / "fifo.so").string();
  BOOST_REQUIRE_EQUAL(mkfifo(fifo.c_str(), 0600), 0);
  const auto opened = open_trusted(fifo);  // and nobody waits for a writer
  BOOST_REQUIRE(!opened.ok());
  BOOST_TEST((opened.error().code == Code::invalid));
  BOOST_TEST((open_trusted(place.folder / "none.so").error().code == Code::not_found));
}

BOOST_AUTO_TEST_SUITE_END()
