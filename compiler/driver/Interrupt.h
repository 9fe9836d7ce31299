//===- Interrupt.h - Leaving nothing behind when interrupted ----*- C++ -*-===//
//
// SIGINT, SIGTERM and SIGHUP are blocked and awaited by a thread, which may do
// what a signal handler may not: end child processes and remove directories.
// Then the process exits with 128 + the signal's number.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_DRIVER_INTERRUPT_H
#define INGOT_COMPILER_DRIVER_INTERRUPT_H

#include <functional>

namespace ingot {

class Interrupt {
public:
  /// Starts the waiting thread. Called once, before the process has others.
  static void install();

  /// Never returns when an interrupt is being handled.
  static void waitIfPending();

  /// Runs `body` with no interrupt in between: either it ran whole, or the process ended before.
  static void hold(const std::function<void()> &body);

  /// An action that an interrupt runs; the last made one first. Undone by the destructor.
  class Action {
  public:
    explicit Action(std::function<void()> body);
    ~Action();
    Action(const Action &) = delete;
    Action &operator=(const Action &) = delete;

  private:
    std::function<void()> body;
    friend class Interrupt;
  };
};

} // namespace ingot

#endif // INGOT_COMPILER_DRIVER_INTERRUPT_H
