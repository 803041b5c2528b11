#include "fault/soak.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

namespace flowrra::test {
namespace {

const char* minutes() { return std::getenv("FLOWRRA_SOAK"); }

}  // namespace

bool soaking() { return minutes() != nullptr; }

int rounds(int few, int many) {
  return soaking() ? std::max(few, static_cast<int>(many * std::atof(minutes()) / 60)) : few;
}

void report(const std::string& name, const nlohmann::ordered_json& found) {
  std::cout << name << " " << found.dump() << std::endl;
  if (const char* folder = std::getenv("FLOWRRA_SOAK_REPORTS")) {
    std::ofstream(std::string(folder) + "/" + name + ".json") << found.dump() << "\n";
  }
}

}  // namespace flowrra::test
