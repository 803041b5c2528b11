#pragma once

#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "app/config.hpp"
#include "support/temp_dir.hpp"

namespace flowrra::test {

// A folder with a configuration, and what an otherwise empty process sees from there.
struct ConfigPlace {
  TempDir folder;
  ConfigSource source{{}, folder.path(), {{"HOME", "/home/somebody"}}};

  std::filesystem::path write(const std::string& text, const std::string& name = "flowrra.toml",
                              mode_t mode = 0600) const {
    const std::filesystem::path path = folder / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
    chmod(path.c_str(), mode);
    return path;
  }
  Config load() const {
    auto config = load_config(source);
    BOOST_REQUIRE_MESSAGE(config, (config ? "" : config.error().message));
    return *config;
  }
  Error refusal() const {
    auto config = load_config(source);
    BOOST_REQUIRE(!config);
    return config.error();
  }
};

}  // namespace flowrra::test
