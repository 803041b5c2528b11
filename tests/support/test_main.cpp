#define BOOST_TEST_MODULE flowrra
#include <boost/test/unit_test.hpp>
