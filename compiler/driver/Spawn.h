//===- Spawn.h - Starting one child process ---------------------*- C++ -*-===//
#ifndef INGOT_COMPILER_DRIVER_SPAWN_H
#define INGOT_COMPILER_DRIVER_SPAWN_H

#include <string>
#include <sys/types.h>
#include <vector>

namespace ingot {

/// Starts `command` in a process group of its own, with no input, no blocked
/// signals, and both outputs in pipes that do not block. Answers 0 or an error
/// number of the system.
int spawnCaptured(const std::vector<std::string> &command, const std::string &folder, pid_t &pid,
                  int &output, int &errors);

/// Starts `command` with this process's own input and outputs.
int spawnInherited(const std::vector<std::string> &command, pid_t &pid);

} // namespace ingot

#endif // INGOT_COMPILER_DRIVER_SPAWN_H
