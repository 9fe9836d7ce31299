//===- Target.h - What a target and its levels are ------------------------===//
//
// A target is a machine family (a folder of targets/); a level is one
// instruction-set level of it. Both are plain data: the pipeline, the emitter
// and the schedules read them, and nobody asks a target for its name in order
// to decide something.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_CODEGEN_TARGET_H
#define INGOT_CODEGEN_TARGET_H

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace ingot {

struct KernelSpec;

/// How the level multiplies the stored unsigned bytes by signed activations.
/// The kernels choose the form of the integer products by it; every form gives
/// the same integers.
enum class DotForm : uint8_t {
  Pairs32,       ///< widened to 16 bits, sums of two products in 32 bits
  Pairs16,       ///< bytes of few bits: sums of two products in saturating 16 bits; else Pairs32
  Quads32,       ///< unsigned by signed bytes, sums of four products in 32 bits
  SignedBytes16, ///< signed bytes, added in 16 bits for as long as they fit, then in 32
  SignedQuads32, ///< signed bytes, sums of four products in 32 bits
  SpreadQuads32, ///< as Quads32, and no instruction repeats a quad: it is done beforehand
  Words32,       ///< the 16-bit words that the bytes lie in, cut by masks; sums of two in 32 bits
};

/// One instruction-set level of a target.
struct Level {
  std::string_view name;         ///< part of every kernel's symbol
  std::string_view halideTarget; ///< Halide's target string, without the options of every kernel
  int vectorBits;                ///< width of a vector register
  int vectorRegisters;           ///< how many there are
  DotForm dot;                   ///< byte products
  bool fma;                      ///< fused multiply-add is an instruction
  /// Token rows that a matrix-matrix kernel holds in registers: products of
  /// floats, and products of bytes (which need an integer accumulator too).
  int floatTile, byteTile;
  /// Flags for clang when it compiles the emitted C++ of this level.
  std::span<const std::string_view> clangFlags;
  /// Exported by the target's device code: `int usableSymbol(void)`, nonzero
  /// when the machine it runs on can run this level. Empty: always.
  std::string_view usableSymbol;
  /// The same function for the machine that the compiler runs on; null when
  /// that machine is of another family.
  bool (*usableHere)();
  /// The weakest processor that runs the level, as the target's run.sh takes
  /// it for its first word. Empty for a target without an emulator.
  std::string_view emulatedCpu = {};
  /// No instruction widens 16-bit floats: kernels do it on their bits.
  bool halvesAsBits = false;
  /// Options for the LLVM in Halide, separated by spaces, for what no other way
  /// reaches.
  std::string_view llvmOptions = {};
  /// The kernel `spec` as C++ for clang, where the level can do what Halide does not write; the
  /// function is called `symbol`. Empty for every kernel that Halide compiles: all of them, where
  /// this is null.
  std::string (*kernelText)(const KernelSpec &spec, std::string_view symbol) = nullptr;
};

/// The form of a target's object files. A Module's program is no process of its
/// own but is loaded by a host, which calls what it exports. With Source there
/// are none: the compile writes C++ and a line that builds it, for the compiler
/// of whoever uses it.
enum class ObjectFormat : uint8_t { Elf, MachO, Module, Source };

/// A text of the installation that is written beside a program: NAME`suffix`
/// from `file`, with the model's name for every @NAME@.
struct Companion {
  std::string_view file, suffix;
};

/// Something outside Ingot without which a use of the target fails here.
struct Requirement {
  enum class Use : uint8_t { Link, Run };
  Use use;                  ///< linking executables and shared libraries, or running them
  std::string_view what;    ///< "the C library of ..."
  std::string_view probe;   ///< a program in PATH, or the absolute path of a file
  std::string_view command; ///< gets it
};

/// A target: a folder of targets/.
struct Target {
  std::string_view name;         ///< the value of --target
  std::string_view triple;       ///< for clang and lld
  std::span<const Level> levels; ///< worst first: every machine runs levels[0] or nothing
  /// C source of the device code that the emitter compiles, for the base
  /// level of the triple, into every output. Empty: there is none.
  std::string_view deviceSource;

  ObjectFormat objectFormat = ObjectFormat::Elf;
  /// Halide writes no machine code for the target: its kernels are Halide's C++, compiled by clang.
  bool kernelsFromSource = false;
  std::string_view linker = "ld.lld";
  /// A program is linked by the linker itself, with these. Empty: by clang, with the system's
  /// libraries.
  std::span<const std::string_view> linkFlags = {};
  std::string_view programSuffix = {}; ///< the program is called NAME`programSuffix`
  std::span<const Companion> companions = {};
  int pageBytes = 4096; ///< the largest page that the machines have: the image's alignment
  /// What --emit may ask for, and what it is without the option.
  std::string_view emits = "exe,lib,so,obj,asm,cpp,mlir";
  std::string_view defaultEmits = "exe,lib";
  /// Flags for clang, whatever it compiles for the target.
  std::span<const std::string_view> clangFlags = {};
  std::span<const Requirement> requirements = {};

  /// The level of that name, or null.
  const Level *findLevel(std::string_view level) const;

  /// The best level that runs on this machine, or null.
  const Level *bestUsableHere() const;
};

} // namespace ingot

#endif // INGOT_CODEGEN_TARGET_H
