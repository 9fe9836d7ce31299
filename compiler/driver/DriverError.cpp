#include "compiler/driver/DriverError.h"

#include "compiler/driver/Interrupt.h"
#include "compiler/import/ImportError.h"

#include "llvm/Support/raw_ostream.h"

#include <cstring>

using namespace ingot;

char DriverError::ID = 0;

llvm::Error ingot::driverError(ExitCode code, const llvm::Twine &message) {
  return llvm::make_error<DriverError>(code, message.str());
}

llvm::Error ingot::systemError(const llvm::Twine &doing, llvm::StringRef path, int errorNumber) {
  return driverError(kExitFailed, "cannot " + doing + " '" + path + "': " + strerror(errorNumber));
}

int ingot::reportError(llvm::Error error) {
  // What fails because an interrupt took its files away is nobody's error.
  Interrupt::waitIfPending();
  int code = kExitDone;
  llvm::handleAllErrors(
      std::move(error),
      [&](const DriverError &e) {
        e.log(llvm::errs());
        llvm::errs() << '\n';
        code = e.exitCode();
      },
      [&](std::unique_ptr<ImportError> e) {
        code = reportImportError(llvm::Error(std::move(e)), llvm::errs());
      },
      [&](const llvm::ErrorInfoBase &e) {
        llvm::errs() << "ingot: error: " << e.message() << '\n';
        code = kExitFailed;
      });
  return code;
}
