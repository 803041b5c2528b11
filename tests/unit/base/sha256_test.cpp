#include "base/sha256.hpp"

#include <fcntl.h>

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "base/fd.hpp"
#include "support/temp_dir.hpp"

namespace flowrra {
namespace {

std::string digest_of(std::string_view text) {
  Sha256 digest;
  digest.add(text);
  return digest.hex();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sha256)

BOOST_AUTO_TEST_CASE(the_examples_of_the_standard_come_out) {
  BOOST_TEST(digest_of("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  BOOST_TEST(digest_of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  BOOST_TEST(digest_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
             "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  BOOST_TEST(digest_of(std::string(1'000'000, 'a')) ==
             "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

BOOST_AUTO_TEST_CASE(it_does_not_matter_how_the_bytes_are_divided) {
  const std::string text(200, 'x');
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    Sha256 digest;
    digest.add(std::string_view(text).substr(0, cut));
    digest.add(std::string_view(text).substr(cut));
    BOOST_REQUIRE(digest.hex() == digest_of(text));
  }
}

BOOST_AUTO_TEST_CASE(a_file_is_read_from_its_beginning) {
  const test::TempDir folder;
  const std::string path = (folder / "file").string();
  std::ofstream(path) << std::string(1'000'000, 'a');
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  lseek(file.get(), 10, SEEK_SET);
  BOOST_TEST(*sha256_of_file(file.get()) == digest_of(std::string(1'000'000, 'a')));
  BOOST_TEST(!sha256_of_file(-1));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra
