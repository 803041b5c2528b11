#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

// Where the files of this build and of its source tree are. ctest says it in the environment.
namespace flowrra::test {

inline std::string from_environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) throw std::runtime_error(std::string(name) + " is not set: run the tests with ctest");
  return value;
}

// A program that people run; a sample plugin and a fixture plugin, named with their extension.
inline std::string program(const std::string& name) { return from_environment("FLOWRRA_TEST_BIN") + "/" + name; }
inline std::string sample(const std::string& file) { return from_environment("FLOWRRA_TEST_PLUGINS") + "/" + file; }
inline std::string fixture(const std::string& file) { return from_environment("FLOWRRA_TEST_FIXTURES") + "/" + file; }

// A file of the source tree, by its path from the top.
inline std::filesystem::path source_file(const std::filesystem::path& path) {
  return std::filesystem::path(from_environment("FLOWRRA_TEST_SOURCE")) / path;
}

}  // namespace flowrra::test
