#pragma once

#include <flowrra/library/config.hpp>

#include "app/config.hpp"

namespace flowrra::library {

struct Config::Values {
  flowrra::Config inner;
};

struct ConfigAccess {
  static const flowrra::Config& inner(const Config& config) { return config.values_->inner; }
};

}  // namespace flowrra::library
