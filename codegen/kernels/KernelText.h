//===- KernelText.h - What the C++ of a hand-written kernel has around it -===//
//
// A level may bring a kernel as C++ (Level::kernelText): the constants that its
// spec and format give, a text that is written for all of them, and the function
// with the arguments of its signature. The first and the last are made here.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_CODEGEN_KERNELS_KERNELTEXT_H
#define INGOT_CODEGEN_KERNELS_KERNELTEXT_H

#include "codegen/Kernel.h"
#include "codegen/formats/Format.h"

#include <string>

namespace ingot {

/// The parameter of `spec`, or `otherwise`.
int64_t paramOf(const KernelSpec &spec, const char *name, int64_t otherwise);

/// "constexpr int kCols = 576; // of the matrix", a line.
std::string constantText(const char *name, int64_t value, const char *remark);

/// "constexpr bool kAdd = true; // to what y holds", a line.
std::string flagText(const char *name, bool value, const char *remark);

/// The comment at the head of a kernel's file.
std::string bannerText(const KernelSpec &spec);

/// The format of a product of bytes ("matvec_", "matmat_"); null for every other kernel.
const Format *byteProductFormat(const KernelSpec &spec);

/// The constants of a product of bytes in tiles of `tokens` tokens: the matrix (kRows, kCols,
/// kTokens, kWholeRow, kAdd) and where its format has what (kBits, kZeroPoint, kGroupBytes, ...).
std::string productConstants(const KernelSpec &spec, const Format &format, int64_t tokens);

/// The function `symbol` with the arguments of `signature`, their types and shapes beside them, as
/// ingot_buffer and int32_t. `body` is its one statement.
std::string functionText(const KernelSignature &signature, std::string_view symbol,
                         const std::string &body);

} // namespace ingot

#endif // INGOT_CODEGEN_KERNELS_KERNELTEXT_H
