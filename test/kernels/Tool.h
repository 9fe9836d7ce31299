//===- Tool.h - Running ingot-kernel in a test ----------------------------===//
#ifndef INGOT_TEST_KERNELS_TOOL_H
#define INGOT_TEST_KERNELS_TOOL_H

#include <sys/wait.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace ingot::test {

struct Outcome {
  int status;       ///< exit code, or -1 after a signal
  std::string text; ///< standard output and standard error
};

/// Runs a shell command.
inline Outcome run(const std::string &command) {
  Outcome outcome = {-1, ""};
  FILE *pipe = popen((command + " 2>&1").c_str(), "r");
  if (!pipe)
    return outcome;
  char buffer[4096];
  for (size_t n; (n = fread(buffer, 1, sizeof buffer, pipe)) > 0;)
    outcome.text.append(buffer, n);
  const int status = pclose(pipe);
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return outcome;
}

inline Outcome runTool(const std::string &arguments) {
  return run(std::string(INGOT_KERNEL_TOOL) + " " + arguments);
}

inline std::string readFile(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// A folder that goes when the test does.
struct TemporaryFolder {
  std::string path = std::filesystem::temp_directory_path() / "ingot-tool-XXXXXX";
  TemporaryFolder() {
    if (!mkdtemp(path.data()))
      path = "/nonexistent";
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path); }
};

} // namespace ingot::test

#endif // INGOT_TEST_KERNELS_TOOL_H
