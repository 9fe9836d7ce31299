//===- ProcessPool.h - Child processes, several at a time -------*- C++ -*-===//
//
// A child that crashes, hangs or cannot be started is a result, never the end
// of this process. An interrupt ends the children before the process.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_DRIVER_PROCESSPOOL_H
#define INGOT_COMPILER_DRIVER_PROCESSPOOL_H

#include "llvm/Support/Error.h"

#include <functional>
#include <string>
#include <vector>

namespace ingot {

struct ProcessSpec {
  std::vector<std::string> command; ///< the program's path first
  std::string folder;               ///< working directory; empty: this process's
  double timeLimit = 600;           ///< seconds until it is killed
};

struct ProcessResult {
  bool started = false;
  bool timedOut = false;
  int exitCode = -1;  ///< -1 when a signal ended it
  int signal = 0;     ///< 0 when it exited
  std::string output; ///< what it wrote to standard output
  std::string errors; ///< and to standard error
  double seconds = 0;

  bool good() const { return started && !timedOut && exitCode == 0; }
};

/// Runs the commands, at most `parallel` at a time, in order. `onDone` is
/// called in this thread for each that ended, in any order; when it returns
/// false the rest is killed and not started, and the pool answers false.
bool runProcesses(const std::vector<ProcessSpec> &specs, unsigned parallel,
                  const std::function<bool(size_t index, ProcessResult result)> &onDone);

/// Runs one command to its end.
ProcessResult runProcess(const ProcessSpec &spec);

/// The sentence for a result that is not good: how `what` ended and the end of
/// what it said. Exit codes of our own tools are kept, others become 1.
llvm::Error processError(llvm::StringRef what, const ProcessSpec &spec,
                         const ProcessResult &result);

/// Runs a command with this process's own input and outputs and hands it the
/// terminal's signals. Answers its exit code, 128 + n when signal n ended it.
llvm::Expected<int> runInForeground(const std::vector<std::string> &command);

/// Processors this process may use, at least 1.
unsigned usableProcessors();

} // namespace ingot

#endif // INGOT_COMPILER_DRIVER_PROCESSPOOL_H
