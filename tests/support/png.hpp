#pragma once

#include <string>

namespace flowrra::test {

// An RGB picture of that size as the bytes of a PNG file, red growing to the right and green downwards.
std::string gradient_png(unsigned width, unsigned height);

}  // namespace flowrra::test
