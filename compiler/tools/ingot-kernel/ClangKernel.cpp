//===- ClangKernel.cpp - Kernels that clang compiles ----------------------===//

#include "compiler/tools/ingot-kernel/ClangKernel.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

extern "C" char **environ;

using namespace ingot;

static std::vector<std::string> commandFor(const Target &target, const Level &level,
                                           const std::string &clang, KernelEmit emit,
                                           const std::string &path) {
  // Strict floats and nothing to link, as Halide's kernels; no name of a file in the object.
  std::vector<std::string> command = {clang,
                                      "--target=" + std::string(target.triple),
                                      emit == KernelEmit::Assembly ? "-S" : "-c",
                                      "-std=c++17",
                                      "-O3",
                                      "-fPIC",
                                      "-ffreestanding",
                                      "-ffp-contract=off",
                                      "-fno-math-errno",
                                      "-fno-exceptions",
                                      "-fno-rtti",
                                      "-fno-asynchronous-unwind-tables",
                                      "-fno-stack-protector",
                                      "-fno-ident"};
  command.insert(command.end(), target.clangFlags.begin(), target.clangFlags.end());
  command.insert(command.end(), level.clangFlags.begin(), level.clangFlags.end());
  command.insert(command.end(), {"-x", "c++", "-", "-o", path});
  return command;
}

/// Runs `command` with the text as its input; 0, its exit status or -1 with errno set.
static int runOn(const std::string &text, const std::vector<std::string> &command) {
  const std::unique_ptr<FILE, int (*)(FILE *)> input(std::tmpfile(), std::fclose);
  if (!input || std::fwrite(text.data(), 1, text.size(), input.get()) != text.size() ||
      std::fflush(input.get()) != 0 || std::fseek(input.get(), 0, SEEK_SET) != 0)
    return -1;
  std::vector<char *> words;
  for (const std::string &word : command)
    words.push_back(const_cast<char *>(word.c_str()));
  words.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, fileno(input.get()), STDIN_FILENO);
  pid_t child = 0;
  const int refused = posix_spawnp(&child, words[0], &actions, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (refused != 0) {
    errno = refused;
    return -1;
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR)
      return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool ingot::compileByClang(const std::string &text, const Target &target, const Level &level,
                           const std::string &clang, KernelEmit emit, const std::string &path,
                           std::string &error) {
  if (emit == KernelEmit::Source) {
    std::ofstream out(path);
    out << text << std::flush;
    error = out ? "" : "'" + path + "': " + std::strerror(errno);
    return bool(out);
  }
  const int status = runOn(text, commandFor(target, level, clang, emit, path));
  if (status != 0)
    error = "'" + clang +
            (status < 0 ? "' cannot be run: " + std::string(std::strerror(errno))
                        : "' ended with " + std::to_string(status));
  return status == 0;
}
