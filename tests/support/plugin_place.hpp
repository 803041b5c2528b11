#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include "support/build_tree.hpp"
#include "support/temp_dir.hpp"

namespace flowrra::test {

// A folder with plugin files that a test puts there and replaces.
class PluginPlace {
 public:
  [[nodiscard]] std::string path() const { return folder_.path().string(); }
  [[nodiscard]] std::string operator/(const std::string& name) const { return (folder_ / name).string(); }

  // Puts a fixture there as one installs a plugin: under another name first, then renamed.
  std::string install(const std::string& fixture_file, const std::string& name) const {
    return install_bytes(read(fixture(fixture_file)), name);
  }

  // A build of the fixture `versioned` with this number, 1 to 9999.
  std::string install_build(int number, const std::string& name = "versioned.so") const {
    return install_bytes(build(number), name);
  }

  // The same, written over the bytes of the file that is there.
  void overwrite_with_build(int number, const std::string& name = "versioned.so") const {
    write(folder_ / name, build(number));
  }

 private:
  static std::string read(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static void write(const std::filesystem::path& file, const std::string& bytes) {
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    out << bytes;
    if (!out.flush()) throw std::runtime_error("cannot write " + file.string());
    std::filesystem::permissions(file, std::filesystem::perms(0644));
  }
  static std::string build(int number) {
    const std::string mark = "flowrra-build-";
    std::string bytes = read(fixture("versioned.so"));
    const std::string digits = std::to_string(10000 + number).substr(1);
    std::size_t at = bytes.find(mark + "0001");
    if (at == std::string::npos) throw std::runtime_error("versioned.so has no number");
    for (; at != std::string::npos; at = bytes.find(mark + "0001", at + 1)) bytes.replace(at + mark.size(), 4, digits);
    return bytes;
  }
  std::string install_bytes(const std::string& bytes, const std::string& name) const {
    write(folder_ / "new", bytes);
    std::filesystem::rename(folder_ / "new", folder_ / name);
    return folder_ / name;
  }

  TempDir folder_;
};

}  // namespace flowrra::test
