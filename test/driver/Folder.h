// A folder for one test, gone afterwards.
#ifndef INGOT_TEST_DRIVER_FOLDER_H
#define INGOT_TEST_DRIVER_FOLDER_H

#include "llvm/Support/Error.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>

namespace ingot::test {

struct Folder {
  std::filesystem::path path;

  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "ingot-test-XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }

  std::string operator/(const std::string &name) const { return (path / name).string(); }

  void write(const std::string &name, const std::string &text) const {
    std::ofstream(path / name) << text;
  }
  std::set<std::string> names() const {
    std::set<std::string> found;
    for (const auto &entry : std::filesystem::directory_iterator(path))
      found.insert(entry.path().filename().string());
    return found;
  }
};

inline std::string readText(const std::string &path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The text of an error, "" for success.
inline std::string textOf(llvm::Error error) { return llvm::toString(std::move(error)); }

} // namespace ingot::test

#endif // INGOT_TEST_DRIVER_FOLDER_H
