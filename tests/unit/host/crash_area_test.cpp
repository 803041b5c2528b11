#include "host/crash_area.hpp"

#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "host/crash_facts.hpp"
#include "support/must.hpp"

using namespace flowrra;

namespace {

constexpr const char* kMaps =
    "55d0c0a00000-55d0c0a02000 r--p 00000000 fe:01 1048 /usr/bin/host\n"
    "55d0c0a02000-55d0c0a07000 r-xp 00002000 fe:01 1048 /usr/bin/host\n"
    "7f0000000000-7f0000001000 rw-p 00000000 00:00 0 \n"
    "7f1000000000-7f1000002000 r-xp 00001000 fe:01 77 /opt/my plugins/media.so\n"
    "7f2000000000-7f2000002000 r-xp 00001000 fe:01 78 /opt/gone.so (deleted)\n"
    "7ffd5e0fe000-7ffd5e11f000 rw-p 00000000 00:00 0 [stack]\n"
    "nonsense\n"
    "7f3000000000-7f3000002000 r-xp 0000";

}  // namespace

BOOST_AUTO_TEST_SUITE(crash_area)

BOOST_AUTO_TEST_CASE(maps_are_read_line_by_line_and_nonsense_is_left_out) {
  const auto mappings = parse_maps(kMaps);
  BOOST_REQUIRE(mappings.size() == 6U);
  BOOST_TEST((mappings[1] == Mapping{0x55d0c0a02000, 0x55d0c0a07000, 0x2000, true, "/usr/bin/host"}));
  BOOST_TEST(mappings[2].file.empty());
  BOOST_TEST(mappings[3].file == "/opt/my plugins/media.so");
  BOOST_TEST(mappings[4].file.empty());
  BOOST_TEST(parse_maps("").empty());
}

BOOST_AUTO_TEST_CASE(an_address_without_symbols_is_a_file_and_an_offset) {
  const auto mappings = parse_maps(kMaps);
  const std::vector<CrashPlugin> plugins{{"/opt/my plugins/media.so", "media", "1", {}}};
  BOOST_TEST((raw_frame(mappings, plugins, 0x7f1000000010) == CrashFrame{"media.so", 0x1010, "", "", 0, false, true}));
  BOOST_TEST((raw_frame(mappings, plugins, 0x55d0c0a02001) == CrashFrame{"host", 0x2001, "", "", 0, false, false}));
  BOOST_TEST((raw_frame(mappings, plugins, 0x10) == CrashFrame{"", 0x10, "", "", 0, false, false}));
}

BOOST_AUTO_TEST_CASE(a_private_copy_goes_by_the_name_of_its_file) {
  BOOST_TEST(file_name("/lib/media.so") == "media.so");
  BOOST_TEST(file_name("/copies/my-media-" + std::string(64, 'a') + ".so") == "my-media.so");
  BOOST_TEST(file_name("/copies/media-" + std::string(63, 'a') + ".so") == "media-" + std::string(63, 'a') + ".so");
  BOOST_TEST(file_name("plain") == "plain");
}

BOOST_AUTO_TEST_CASE(the_plugins_of_a_host_come_back_with_their_tasks) {
  const CrashArea area = test::must(CrashArea::create());
  BOOST_TEST(area.plugins().empty());
  BOOST_TEST(!area.header());
  write_crash_plugins(area.fd(), {{"/a b.so", "one", "1.0", {"one.x", "one.y"}}, {"/b\n.so", "two", "", {}}});
  const std::vector<CrashPlugin> expected{{"/a b.so", "one", "1.0", {"one.x", "one.y"}}, {"/b .so", "two", "", {}}};
  BOOST_TEST((area.plugins() == expected));
  BOOST_TEST(plugin_of(expected, "one.y")->name == "one");
  BOOST_TEST(plugin_of(expected, "three.z") == nullptr);
}

BOOST_AUTO_TEST_CASE(a_header_that_makes_no_sense_is_no_record) {
  const CrashArea area = test::must(CrashArea::create());
  CrashHeader header;
  header.cause = CrashCause::signal;
  header.stage = CrashStage::complete;
  header.stack_size = header.maps_size = ~std::uint64_t{0};
  header.register_count = 1000;
  BOOST_TEST(pwrite(area.fd(), &header, sizeof header, 0) == static_cast<ssize_t>(sizeof header));
  BOOST_REQUIRE(area.header());
  BOOST_TEST(area.header()->register_count == header.registers.size());
  BOOST_TEST(area.stack(*area.header()).empty());
  BOOST_TEST(area.maps(*area.header()).empty());
  header.magic = 1;
  BOOST_TEST(pwrite(area.fd(), &header, sizeof header, 0) == static_cast<ssize_t>(sizeof header));
  BOOST_TEST(!area.header());
}

BOOST_AUTO_TEST_SUITE_END()
