//===- Format.h - Weight formats and their packed layouts -----------------===//
//
// A weight format says how the numbers of a matrix [rows, cols] are encoded,
// and how Ingot lays them out for its kernels. Every packed layout is a
// sequence of row blocks of 16 rows, each read front to back: for every group
// of columns first the 16 rows' values, then the 16 scales (and minima) of the
// group. One thread that owns a range of row blocks therefore reads one
// sequential stream. The last row block is padded with zero rows.
//
// Source rows are rows in the *file's* encoding of the same format (a GGUF
// Q4_1 row is cols/32 blocks of 20 bytes), or what the quantiser made of a row
// of floats (q4r, q8r). Packing is exact by construction: it moves bits and
// rounds nothing.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_CODEGEN_FORMATS_FORMAT_H
#define INGOT_CODEGEN_FORMATS_FORMAT_H

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace ingot {

/// Rows of a row block, in every format and on every target.
inline constexpr int64_t kRowBlock = 16;

/// Where things lie in one group of a packed row block: all that a kernel needs
/// to know of a format. Offsets are bytes from the group's beginning; the
/// values stand at 0.
///
/// Quantised values are unsigned: value = scale * (stored - zeroPoint), or
/// scale * stored + minimum. They come in 64-byte vectors of 16 rows x 4
/// consecutive columns (row-major: byte 4 * row + column). With 4 bits a vector
/// holds 8 consecutive columns: the first 4 in the low nibbles, the next 4 in
/// the high ones. Float formats have one vector of 16 rows for each column.
///
/// With `rowScale` 16 f32 scales, one a row, stand behind the last group, and
/// every value is multiplied by its row's. The group's scales are then unsigned
/// bytes (or missing: 1), and so are its zero points, in sixteenths of a step.
struct GroupLayout {
  int valueBits;           ///< 4 or 8: unsigned integers; 16 or 32: floats
  int zeroPoint;           ///< subtracted from stored values
  int64_t groupBytes;      ///< from one group to the next
  int64_t scaleOffset;     ///< of 16 scales (f16, or u8 with rowScale), -1: none
  int64_t minimumOffset;   ///< of 16 f16 minima, -1: none
  int64_t zeroOffset = -1; ///< of 16 u8 zero points in sixteenths, -1: none
  bool rowScale = false;   ///< 16 f32 scales behind the last group
};

/// Zero points of a group are counted in this part of a step.
inline constexpr int kZeroSteps = 16;

/// A weight format. Implementations are constant singletons in one pair of
/// files each; `formats()` lists them.
class Format {
public:
  virtual ~Format() = default;

  virtual std::string_view name() const = 0; ///< "q4_1"
  virtual int64_t group() const = 0;         ///< columns that share a scale; 1 for floats
  virtual double bitsPerWeight() const = 0;  ///< of the packed layout
  virtual bool quantized() const = 0;        ///< products with 8-bit activations
  virtual const GroupLayout &layout() const = 0;

  /// Bytes of one source row of `cols` columns (cols % group() == 0).
  virtual size_t sourceRowBytes(int64_t cols) const = 0;

  /// Bytes of one packed row block of `cols` columns.
  virtual size_t packedBlockBytes(int64_t cols) const = 0;

  /// Packs up to 16 source rows (a null pointer is a zero row) into
  /// packedBlockBytes(cols) bytes at `out`.
  virtual void packRowBlock(std::span<const uint8_t *const, kRowBlock> rows, int64_t cols,
                            uint8_t *out) const = 0;

  /// True when quantizeRow() exists: the format is the compiler's own, no file
  /// holds it, and its source rows are made from floats.
  virtual bool quantizes() const { return false; }

  /// The source row that stands for `values`, which are finite. Only where
  /// quantizes() holds.
  virtual void quantizeRow(const float *values, int64_t cols, uint8_t *source) const;

  /// The float values of one source row: the format's meaning.
  virtual void dequantizeRow(const uint8_t *source, int64_t cols, float *out) const = 0;

  /// The float values of row `row` (0..15) of a packed row block; equals
  /// dequantizeRow of the source row bit for bit. The oracle of pack tests.
  virtual void unpackRow(const uint8_t *block, int row, int64_t cols, float *out) const = 0;
};

/// All formats, sorted by name: f16, f32, q4_0, q4_1, q4r, q8_0, q8r.
std::span<const Format *const> formats();

/// The format of that name, or null.
const Format *findFormat(std::string_view name);

} // namespace ingot

#endif // INGOT_CODEGEN_FORMATS_FORMAT_H
