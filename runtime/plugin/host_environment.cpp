#include "plugin/host_environment.hpp"

#include "base/child.hpp"

namespace flowrra {

std::vector<std::string> host_environment() {
  std::vector<std::string> out = clean_environment();
  out.push_back(std::string(kHostMarker) + "=1");
  return out;
}

}  // namespace flowrra
