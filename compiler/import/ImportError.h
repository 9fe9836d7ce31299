//===- ImportError.h - What was wrong with a file, and where --------------===//
//
// The one error of the importers. It renders as the compiler's diagnostics do:
//
//   model.yaml:7:17: error: 'num_kv_heads' is 4, expected a divisor of 'num_heads' (9)
//   model.yaml:6:14: note: 'num_heads' set here
//   model.gguf: error: string length 99 is past the end of the file at byte 24
//
// and knows whose fault it is, which decides the exit code.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_IMPORT_IMPORTERROR_H
#define INGOT_COMPILER_IMPORT_IMPORTERROR_H

#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

namespace ingot {

/// A place in a file: a line and column in text, a byte in a binary file, or
/// the file alone.
struct SourceLocation {
  std::string file;
  unsigned line = 0; ///< from 1; 0 when there is none
  unsigned column = 0;
  std::optional<uint64_t> byte = std::nullopt;
};

enum class ImportFault : uint8_t {
  Malformed,   ///< missing, or breaks the rules of its format: exit code 1
  Unsupported, ///< well formed, but uses something Ingot has not: exit code 3
};

class ImportError : public llvm::ErrorInfo<ImportError> {
public:
  static char ID;

  ImportError(ImportFault fault, SourceLocation where, std::string message);

  ImportFault fault() const { return kind; }
  int exitCode() const { return kind == ImportFault::Unsupported ? 3 : 1; }
  const SourceLocation &where() const { return place; }
  llvm::StringRef text() const { return sentence; }

  /// Adds a note that points at the cause; it is printed after the error.
  void addNote(SourceLocation where, std::string message);

  void log(llvm::raw_ostream &os) const override;
  std::error_code convertToErrorCode() const override;

private:
  struct Note {
    SourceLocation where;
    std::string message;
  };

  ImportFault kind;
  SourceLocation place;
  std::string sentence;
  std::vector<Note> notes;
};

llvm::Error malformed(SourceLocation where, const llvm::Twine &message);
llvm::Error unsupported(SourceLocation where, const llvm::Twine &message);

/// `error` with a note added; an error of another kind is returned as it is.
llvm::Error withNote(llvm::Error error, SourceLocation where, const llvm::Twine &message);

/// Prints `error` and returns the exit code of the process (1 for errors that
/// are not ours).
int reportImportError(llvm::Error error, llvm::raw_ostream &os);

/// A warning in the same form as an error.
std::string renderWarning(const SourceLocation &where, const llvm::Twine &message);

/// A name or value out of a file between single quotes, with everything that
/// is not printable ASCII escaped and the middle of a long one left out: what
/// a file says must not move the cursor of a terminal.
std::string quoted(llvm::StringRef text);

/// ", did you mean 'x'?" for the known word nearest to `word`, or nothing when
/// none is near.
std::string suggestion(llvm::StringRef word, llvm::ArrayRef<llvm::StringRef> known);

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_IMPORTERROR_H
