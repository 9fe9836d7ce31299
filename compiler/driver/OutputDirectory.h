//===- OutputDirectory.h - A folder that appears whole or not ---*- C++ -*-===//
//
// Everything is written into `.NAME.ingot-XXXXXX` beside the folder, made
// durable and renamed at the end. A failure or an interrupt removes it; a
// `kill -9` leaves it, and the next compile into the same folder clears it up
// (it holds a lock while it is in use, so that a living one is left alone).
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_DRIVER_OUTPUTDIRECTORY_H
#define INGOT_COMPILER_DRIVER_OUTPUTDIRECTORY_H

#include "compiler/driver/Interrupt.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <memory>
#include <string>

namespace ingot {

class OutputDirectory {
public:
  /// Checks that `path` may be written and makes the temporary folder. A folder that is not empty
  /// is an error of usage, unless `force` is given and it holds a report.json.
  static llvm::Expected<std::unique_ptr<OutputDirectory>> create(llvm::StringRef path, bool force);

  ~OutputDirectory();
  OutputDirectory(const OutputDirectory &) = delete;
  OutputDirectory &operator=(const OutputDirectory &) = delete;

  /// Where `name` of the output is written: an absolute path in the temporary folder.
  std::string file(llvm::StringRef name) const;

  /// The path of `name` once it is published.
  std::string finalFile(llvm::StringRef name) const;

  /// A file or folder that is not published, such as an object on its way.
  std::string workFile(llvm::StringRef name) const;

  /// Makes everything durable and renames. The checks of create() are made again.
  llvm::Error publish();

private:
  OutputDirectory(std::string final, bool force) : final(std::move(final)), force(force) {}

  llvm::Error checkFinal() const;
  llvm::Error makeTemporary();
  void removeStale() const;
  void remove();
  llvm::Error rename();

  std::string final;     ///< absolute
  std::string temporary; ///< absolute; empty once published
  bool force;
  int lock = -1; ///< the temporary folder, locked as long as this process lives
  std::unique_ptr<Interrupt::Action> onInterrupt;
};

} // namespace ingot

#endif // INGOT_COMPILER_DRIVER_OUTPUTDIRECTORY_H
