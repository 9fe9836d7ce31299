//===- DriverError.h - An error with an exit code ---------------*- C++ -*-===//
#ifndef INGOT_COMPILER_DRIVER_DRIVERERROR_H
#define INGOT_COMPILER_DRIVER_DRIVERERROR_H

#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"

#include <string>

namespace ingot {

/// Exit codes of every verb; the contract of the command line.
enum ExitCode : int {
  kExitDone = 0,
  kExitFailed = 1,      ///< malformed or missing input, a step that failed
  kExitUsage = 2,       ///< a bad option or value
  kExitUnsupported = 3, ///< a well-formed model that uses something Ingot has not
  kExitInvalid = 4,     ///< the compiled code disagrees with the reference
  kExitMissing = 5,     ///< a tool, an emulator or a level is missing
};

/// What the driver itself has to complain about.
class DriverError : public llvm::ErrorInfo<DriverError> {
public:
  static char ID;

  DriverError(ExitCode code, std::string message) : code(code), message(std::move(message)) {}

  ExitCode exitCode() const { return code; }
  void log(llvm::raw_ostream &os) const override { os << "ingot: error: " << message; }
  std::error_code convertToErrorCode() const override { return llvm::inconvertibleErrorCode(); }

private:
  ExitCode code;
  std::string message;
};

llvm::Error driverError(ExitCode code, const llvm::Twine &message);

/// The failure of a system call on `path`: "cannot create 'x': No such file or directory".
llvm::Error systemError(const llvm::Twine &doing, llvm::StringRef path, int errorNumber);

/// Prints `error`, whoever made it, to standard error; returns the exit code of the process.
int reportError(llvm::Error error);

} // namespace ingot

#endif // INGOT_COMPILER_DRIVER_DRIVERERROR_H
