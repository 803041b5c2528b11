#define TOML_IMPLEMENTATION
#include "app/toml.hpp"
