//===- Progress.h - What the driver is doing --------------------*- C++ -*-===//
//
// On a terminal one line that is written over; with --verbose a line a step
// with its time; else nothing. Standard error only.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_DRIVER_PROGRESS_H
#define INGOT_COMPILER_DRIVER_PROGRESS_H

#include "llvm/ADT/StringRef.h"

#include <chrono>
#include <cstdint>
#include <string>

namespace ingot {

class Progress {
public:
  explicit Progress(bool verbose);
  ~Progress();
  Progress(const Progress &) = delete;
  Progress &operator=(const Progress &) = delete;

  /// Begins a step, which ends the one before. `total` 0: no fraction is shown.
  void begin(llvm::StringRef step, uint64_t total = 0);
  void advance(uint64_t done, llvm::StringRef detail = {});

  /// Ends the last step, with something to say about it in verbose mode.
  void end(llvm::StringRef remark = {});

  /// A line that stays.
  void note(llvm::StringRef text);

private:
  void draw(uint64_t done, llvm::StringRef detail);
  void clear();

  bool verbose, terminal, colour;
  bool running = false, drawn = false;
  std::string step;
  uint64_t total = 0;
  std::chrono::steady_clock::time_point began, lastDrawn;
};

} // namespace ingot

#endif // INGOT_COMPILER_DRIVER_PROGRESS_H
