#pragma once

// toml++ as a compiled library: toml.cpp holds its code, so that the sources that use it compile quickly.
#define TOML_HEADER_ONLY 0
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#define TOML_ENABLE_WINDOWS_COMPAT 0
#include <toml++/toml.h>
