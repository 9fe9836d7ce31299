//===- KernelLibrary.h - Kernels under test -------------------------------===//
//
// Compiles kernels as the compiler does (one `ingot-kernel` process each),
// links them into one shared object and loads it. Calls pass buffers of which
// only `host` is set and the rest is rubbish: a kernel that reads it crashes.
//
// With INGOT_TEST_TARGET in the environment the kernels are those of that
// target, linked into a module and called in a host of its own (Guest.h).
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_TEST_KERNELS_KERNELLIBRARY_H
#define INGOT_TEST_KERNELS_KERNELLIBRARY_H

#include "codegen/Kernel.h"
#include "codegen/Target.h"
#include "test/kernels/Guest.h"

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace ingot::test {

/// A level that this machine can run.
struct RunnableLevel {
  const Target *target;
  const Level *level;
  /// Some of its instructions are done by an emulator within this process (x86/Emulator.h).
  bool supplied = false;
  /// With which clang compiles its C++, where the machine lacks more than the emulator has: other
  /// kernels of the level do not run. None: the level's own.
  std::span<const std::string_view> flags = {};

  bool runs(const KernelSpec &spec) const;
};

/// Every level of every target that runs here, the generic one included; with
/// INGOT_TEST_TARGET in the environment every level of that one, and with
/// INGOT_TEST_LEVEL those of that name.
std::vector<RunnableLevel> runnableLevels();

/// True where the machine is emulated: enough of the same cases will do.
bool emulated();

/// True where the kernels are programs of an emulator, and the tests run here.
bool inPrograms();

class KernelLibrary {
public:
  /// Names a kernel to compile, one that the level runs; the same one twice is compiled once.
  void add(const KernelSpec &spec, const RunnableLevel &level);

  /// Compiles, links and loads everything added. Empty, or what failed.
  std::string build();

  /// The kernel with its arguments; `buffers` are the inputs, then the outputs.
  /// Views of weights: pass the packed image for each, byteOffset is added
  /// here. Calling it returns the kernel's result: 0, or -1 for arguments that
  /// do not fit the signature.
  std::function<int()> bind(const KernelSpec &spec, const RunnableLevel &level,
                            std::vector<int32_t> scalars, const std::vector<Buffer> &buffers) const;

  /// Binds and calls.
  int call(const KernelSpec &spec, const RunnableLevel &level, const std::vector<int32_t> &scalars,
           const std::vector<Buffer> &buffers) const {
    return bind(spec, level, scalars, buffers)();
  }

  ~KernelLibrary();

private:
  struct Job {
    KernelSpec spec;
    RunnableLevel level;
  };
  std::map<std::string, Job> jobs; ///< by symbol
  std::string folder;
  void *handle = nullptr;
  std::unique_ptr<Guest> guest; ///< in place of the handle
  mutable size_t calls = 0;     ///< bound: what the destructor prints
};

} // namespace ingot::test

#endif // INGOT_TEST_KERNELS_KERNELLIBRARY_H
