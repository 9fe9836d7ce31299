//===- MachOMerge.h - Several Mach-O objects as one -------------*- C++ -*-===//
//
// What `ld -r` and `objcopy --keep-global-symbol` do for ELF: LLVM's linker has
// no `-r` for Mach-O. Sections of one name are laid one behind the other,
// symbols that the objects define for each other become local, and everything
// that names a system, a version or a file is left out, so that the result
// links wherever its instructions run.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_DRIVER_MACHOMERGE_H
#define INGOT_COMPILER_DRIVER_MACHOMERGE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace ingot {

/// Writes one 64-bit little-endian Mach-O object with the contents of the files
/// `objects`, all of the same processor, to `output`. Of the symbols that they
/// define, those for which `keepGlobal` answers true (the name as in C, without
/// the underscore in front) stay global. The contents are mapped, never held.
llvm::Error mergeMachO(llvm::ArrayRef<std::string> objects, llvm::StringRef output,
                       llvm::function_ref<bool(llvm::StringRef)> keepGlobal);

} // namespace ingot

#endif // INGOT_COMPILER_DRIVER_MACHOMERGE_H
