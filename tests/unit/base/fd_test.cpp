#include "base/fd.hpp"

#include <fcntl.h>
#include <sys/eventfd.h>

#include <boost/test/unit_test.hpp>

namespace flowrra {
namespace {

bool is_open(int fd) { return ::fcntl(fd, F_GETFD) != -1; }

}  // namespace

BOOST_AUTO_TEST_SUITE(fd)

BOOST_AUTO_TEST_CASE(a_descriptor_is_closed_with_its_owner) {
  int raw = -1;
  {
    const UniqueFd owner(::eventfd(0, EFD_CLOEXEC));
    raw = owner.get();
    BOOST_TEST(is_open(raw));
  }
  BOOST_TEST(!is_open(raw));
}

BOOST_AUTO_TEST_CASE(moving_hands_the_descriptor_on) {
  UniqueFd first(::eventfd(0, EFD_CLOEXEC));
  const int raw = first.get();
  UniqueFd second(std::move(first));
  BOOST_TEST(second.get() == raw);
  UniqueFd third(::eventfd(0, EFD_CLOEXEC));
  const int replaced = third.get();
  third = std::move(second);
  BOOST_TEST(!is_open(replaced));
  BOOST_TEST(is_open(raw));
  const UniqueFd released(third.release());
  BOOST_TEST(!third);
  BOOST_TEST(is_open(raw));
}

BOOST_AUTO_TEST_CASE(clearing_a_wake_descriptor_leaves_it_silent) {
  const UniqueFd bell(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  BOOST_REQUIRE_EQUAL(::eventfd_write(bell.get(), 3), 0);
  BOOST_TEST(clear_wake(bell.get()));
  eventfd_t count = 0;
  BOOST_TEST(::eventfd_read(bell.get(), &count) == -1);
  BOOST_TEST(!clear_wake(bell.get()));
  BOOST_TEST(!clear_wake(-1));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra
