// Tests of a program that embeds Flowrra: this one. Its hosts are itself, executed again.
// Boost.Test is compiled in here: the main() of its library cannot be left out.
#define BOOST_TEST_MODULE library
#define BOOST_TEST_NO_MAIN
#include <boost/test/included/unit_test.hpp>

#include "tasks.hpp"

int main(int argc, char** argv) {
  flowrra::run_host_if_asked(argc, argv, flowrra::test::tasks());
  return boost::unit_test::unit_test_main(&init_unit_test_suite, argc, argv);
}
