//===- CheckNumbers.cpp - Numbers that no model should have ---------------===//

#include "compiler/import/CheckTensors.h"

#include "compiler/import/ImportError.h"

#include "llvm/ADT/Twine.h"
#include "llvm/Support/Endian.h"

using namespace ingot;
using llvm::Error;
using llvm::StringRef;
using llvm::Twine;

namespace {

/// A floating-point type by its bits. A number is infinite or not a number when
/// its exponent is all ones, denormal when it is zero and the fraction is not.
template <typename Bits, Bits exponentMask, Bits fractionMask> struct FloatBits {
  using Word = Bits;
  static bool bad(Bits bits) { return (bits & exponentMask) == exponentMask; }
  static bool denormal(Bits bits) {
    return (bits & exponentMask) == 0 && (bits & fractionMask) != 0;
  }
};
using F32Bits = FloatBits<uint32_t, 0x7f800000, 0x007fffff>;
using F16Bits = FloatBits<uint16_t, 0x7c00, 0x03ff>;
using BF16Bits = FloatBits<uint16_t, 0x7f80, 0x007f>;

/// Where the floats of an encoding lie: `count` of them at the beginning of
/// every `stride` bytes.
struct Layout {
  size_t stride, count;
};

struct Findings {
  bool bad = false;
  size_t badIndex = 0; ///< of the first bad number's group
  size_t denormals = 0;
};

} // namespace

/// One pass over the floats of a tensor, in the order of the file.
template <typename Float>
static Findings findOdd(llvm::ArrayRef<uint8_t> bytes, const Layout &layout) {
  using Word = typename Float::Word;
  Findings findings;
  size_t groups = bytes.size() / layout.stride;
  for (size_t group = 0; group < groups; ++group) {
    const uint8_t *at = bytes.data() + group * layout.stride;
    for (size_t i = 0; i < layout.count; ++i) {
      Word bits =
          llvm::support::endian::read<Word>(at + i * sizeof(Word), llvm::endianness::little);
      if (Float::bad(bits) && !findings.bad) {
        findings.bad = true;
        findings.badIndex = group;
      }
      findings.denormals += Float::denormal(bits);
    }
  }
  return findings;
}

static Findings search(const TensorView &tensor) {
  switch (tensor.type) {
  case TensorType::F32:
    return findOdd<F32Bits>(tensor.bytes, {4, 1});
  case TensorType::F16: {
    // Denormal halves are ordinary small weights: they are normal as floats.
    Findings findings = findOdd<F16Bits>(tensor.bytes, {2, 1});
    findings.denormals = 0;
    return findings;
  }
  case TensorType::BF16:
    return findOdd<BF16Bits>(tensor.bytes, {2, 1});
  case TensorType::Q4_0:
    return findOdd<F16Bits>(tensor.bytes, {18, 1});
  case TensorType::Q4_1: // scale and minimum
    return findOdd<F16Bits>(tensor.bytes, {20, 2});
  case TensorType::Q8_0:
    return findOdd<F16Bits>(tensor.bytes, {34, 1});
  case TensorType::Q4R:
  case TensorType::Q8R:
    break; // in no file
  }
  llvm_unreachable("every type of a file is listed");
}

Error ingot::checkNumbers(const TensorView &tensor, StringRef file,
                          std::vector<std::string> *warnings) {
  Findings findings = search(tensor);
  bool quantised = tensor.type == TensorType::Q4_0 || tensor.type == TensorType::Q4_1 ||
                   tensor.type == TensorType::Q8_0;
  if (findings.bad)
    return malformed({file.str()}, "tensor " + quoted(tensor.fileName) + " has a NaN or infinity " +
                                       (quantised ? "in the scale of block " : "at element ") +
                                       Twine(findings.badIndex));
  if (findings.denormals != 0 && warnings)
    warnings->push_back(renderWarning(
        {file.str()}, "tensor " + quoted(tensor.fileName) + " has " + Twine(findings.denormals) +
                          (quantised ? " denormal scales" : " denormal numbers")));
  return Error::success();
}
