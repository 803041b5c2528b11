// The SQLite store's files: who may read them, what else may stand in their place.

#ifdef FLOWRRA_WITH_SQLITE

#include <sys/stat.h>
#include <sys/syscall.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "sqlite_access.hpp"

namespace flowrra::test {
namespace {

namespace fs = std::filesystem;

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const fs::path& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

unsigned mode_of(const fs::path& path) {
  struct stat info {};
  BOOST_REQUIRE_EQUAL(::stat(path.c_str(), &info), 0);
  return info.st_mode & 07777;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sqlite_files)

BOOST_AUTO_TEST_CASE(the_store_and_its_folder_belong_to_their_owner_alone) {
  const TempDir folder;
  const fs::path path = folder / "new" / "folder" / "store.db";
  const auto store = must(try_open(path));
  must(store->broker().push(std::vector{task("a")}, 10));
  store->broker().wake_fd();
  store->backend().wake_fd();
  BOOST_TEST(mode_of(path.parent_path()) == 0700);
  BOOST_TEST(mode_of(folder / "new") == 0700);
  for (const std::string suffix : {"", "-wal", "-shm", ".lock", ".wake", ".done"}) {
    BOOST_TEST_CONTEXT(suffix) { BOOST_TEST(mode_of(path.string() + suffix) == 0600); }
  }
}

BOOST_AUTO_TEST_CASE(paths_with_odd_characters_are_paths) {
  const TempDir folder;
  const fs::path path = folder / "a b?c=%41#&ü" / "s?mode=memory.db";
  must(must(try_open(path))->broker().push(std::vector{task("a")}, 10));
  BOOST_TEST(fs::exists(path));
  BOOST_TEST(must(must(try_open(path))->broker().find("a")).has_value());
}

BOOST_AUTO_TEST_CASE(a_url_without_a_file_is_refused) {
  for (const std::string path : {"", "/", "folder/"}) BOOST_TEST(code_of(try_open(path)) == Code::config);
}

BOOST_AUTO_TEST_CASE(symbolic_links_are_not_followed) {
  const TempDir folder;
  write_file(folder / "victim", "");
  fs::create_symlink(folder / "victim", folder / "link.db");
  BOOST_TEST(!try_open(folder / "link.db").ok());
  fs::create_symlink(folder / "victim", folder / "store.db.lock");
  BOOST_TEST(!try_open(folder / "store.db").ok());
  BOOST_TEST(content(folder / "victim").empty());
}

BOOST_AUTO_TEST_CASE(what_is_no_plain_file_is_refused_untouched) {
  const TempDir folder;
  const std::string fifo = folder / "store.db";
  BOOST_REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  fs::permissions(fifo, fs::perms::all);
  const auto refused = try_open(fifo);
  BOOST_TEST(code_of(refused) == Code::unreachable);
  BOOST_TEST(refused.error().message == fifo + " is no plain file");
  BOOST_TEST((fs::status(fifo).permissions() == fs::perms::all));
  BOOST_TEST(std::distance(fs::directory_iterator(folder.path()), {}) == 1);
}

BOOST_AUTO_TEST_CASE(a_session_notices_that_its_store_was_removed_or_replaced) {
  const TempDir folder;
  const auto store = must(try_open(path_of(folder)));
  Session session;
  session.id = session.node = "node";
  must(store->directory().open_session(session, std::chrono::hours(1)));
  must(store->directory().heartbeat("node", std::chrono::hours(1)));
  for (const std::string what : {"removed", "replaced"}) {
    if (what == "removed") fs::rename(path_of(folder), folder / "moved.db");
    if (what == "replaced") write_file(path_of(folder), "");
    const Status beat = store->directory().heartbeat("node", std::chrono::hours(1));
    BOOST_REQUIRE(!beat.ok());
    BOOST_TEST(beat.error().code == Code::corrupt);
    BOOST_TEST(beat.error().message.find("was " + what) != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(a_folder_reached_through_a_link_is_the_same_store) {
  const TempDir folder;
  fs::create_directory(folder / "real");
  fs::create_symlink(folder / "real", folder / "alias");
  const auto direct = must(try_open(folder / "real" / "store.db"));
  const auto linked = must(try_open(folder / "alias" / "store.db"));
  const int work = linked->broker().wake_fd();
  must(direct->broker().push(std::vector{task("a")}, 10));
  BOOST_TEST(rings(work));
  BOOST_TEST(must(linked->broker().find("a")).has_value());
}

BOOST_AUTO_TEST_CASE(a_file_that_is_no_database_is_refused_and_left_alone) {
  const TempDir folder;
  const std::string text(5000, 'x');
  write_file(folder / "store.db", text);
  BOOST_TEST(code_of(try_open(path_of(folder))) == Code::corrupt);
  BOOST_TEST((content(folder / "store.db") == text));
}

BOOST_AUTO_TEST_CASE(a_database_of_another_program_is_refused_and_left_alone) {
  const TempDir folder;
  RawDatabase(path_of(folder)).run("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)");
  const std::string before = content(folder / "store.db");
  BOOST_TEST(code_of(try_open(path_of(folder))) == Code::corrupt);
  BOOST_TEST((content(folder / "store.db") == before));
}

BOOST_AUTO_TEST_CASE(a_store_of_a_newer_version_is_refused_with_both_versions) {
  const TempDir folder;
  must(try_open(path_of(folder)));
  RawDatabase(path_of(folder)).run("PRAGMA user_version = 99");
  const auto refused = try_open(path_of(folder));
  BOOST_TEST(code_of(refused) == Code::newer_version);
  BOOST_TEST(refused.error().message.find("99") != std::string::npos);
  BOOST_TEST(!refused.error().hint.empty());
}

BOOST_AUTO_TEST_CASE(a_copy_that_vacuum_has_made_is_a_store) {
  const TempDir folder;
  must(must(try_open(path_of(folder)))->broker().push(std::vector{task("a")}, 10));
  const std::string copy = folder / "copy.db";
  RawDatabase(path_of(folder)).run("VACUUM INTO '" + copy + "'");
  const auto store = must(try_open(copy));
  must(store->broker().push(std::vector{task("b")}, 10));
  BOOST_TEST(must(store->broker().find("a")).has_value());
  BOOST_TEST(must(must(try_open(copy))->broker().find("b")).has_value());
}

BOOST_AUTO_TEST_CASE(an_empty_file_becomes_a_store) {
  const TempDir folder;
  write_file(folder / "store.db", "");
  must(must(try_open(path_of(folder)))->broker().push(std::vector{task("a")}, 10));
}

BOOST_AUTO_TEST_CASE(a_folder_that_cannot_be_written_is_denied) {
  const TempDir folder;
  fs::permissions(folder.path(),
                  fs::perms::owner_read | fs::perms::owner_exec | fs::perms::others_read | fs::perms::others_exec);
  Code code = Code::internal;
  std::thread([&] {  // the raw call changes this thread alone; root passes every mode
    if (::geteuid() == 0) ::syscall(SYS_setresuid, 65534, 65534, 65534);
    const auto store = try_open(path_of(folder));
    if (!store) code = store.error().code;
  })
      .join();
  fs::permissions(folder.path(), fs::perms::owner_all);
  BOOST_TEST(code == Code::denied);
}

BOOST_AUTO_TEST_CASE(damaged_files_are_refused_and_never_crash) {
  const TempDir folder;
  {
    const auto store = must(try_open(path_of(folder)));
    std::vector<NewTask> tasks;
    tasks.reserve(300);
    for (int i = 0; i < 300; ++i) tasks.push_back(task("t" + std::to_string(i)));
    must(store->broker().push(tasks, 1000));
  }
  RawDatabase(path_of(folder)).run("PRAGMA wal_checkpoint(TRUNCATE)");
  const std::string whole = content(folder / "store.db");
  unsigned random = 12345;
  for (int round = 0; round < 60; ++round) {
    std::string broken = whole;
    const bool cut = round % 3 == 0;
    if (cut) broken.resize(whole.size() * static_cast<std::size_t>(round) / 60);
    for (int flip = 0; !cut && flip < 1 + round * 4; ++flip) {
      random = random * 1664525 + 1013904223;
      char& byte = broken[(random >> 8) % broken.size()];
      byte = static_cast<char>(byte ^ (1 << (random % 8)));
    }
    for (const std::string suffix : {"-wal", "-shm"}) fs::remove(path_of(folder) + suffix);
    write_file(folder / "store.db", broken);
    const auto store = try_open(path_of(folder));
    if (!store) continue;
    Session session;
    session.id = "s";
    [[maybe_unused]] const auto opened = (*store)->directory().open_session(session, 30s);
    [[maybe_unused]] const auto listed = (*store)->broker().list({});
    [[maybe_unused]] const auto taken = (*store)->broker().take({"s", "n", {"default"}, {{50, {"work"}}}});
    [[maybe_unused]] const auto recovered = (*store)->broker().recover();
    [[maybe_unused]] const auto cleared = (*store)->backend().clear();
  }
  BOOST_TEST(true);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra::test

#endif
