//===- Tokenizer.h - Encoding into a caller's buffer ----------------------===//
#ifndef INGOT_RUNTIME_SRC_TOKENIZER_H
#define INGOT_RUNTIME_SRC_TOKENIZER_H

#include "SentencePiece.h"

#include "ingot/abi.h"
#include "ingot/ingot.h"
#include "ingot/tables.h"

namespace ingot {

/// The longest added token at the beginning of the text, which is not empty, or
/// -1.
int32_t addedTokenAt(const ingot_tokenizer &tables, const uint8_t *text, size_t bytes) noexcept;

/// Appends ids to a buffer of the caller's. Every `put` returns false when the
/// room is used up; what is asked for instead is a bound for `offered` bytes.
struct Encoder {
  Encoder(const ingot_tokenizer &tables, int32_t *ids, size_t room) noexcept
      : tables(tables), buffer{ids, room}, pieces(tables, buffer) {}

  bool putId(int32_t id) noexcept;
  /// Text in which added tokens are recognised if `special`.
  bool putText(const uint8_t *text, size_t bytes, bool special) noexcept;
  /// A part of a text without added tokens that goes on with the next part.
  /// Byte-level BPE takes whole pieces only.
  bool putPart(const uint8_t *text, size_t bytes) noexcept;
  bool endText() noexcept;

  /// The status, with the count written or a room that is enough for a text of
  /// `bytes` bytes in all.
  ingot_status finish(size_t &needed, bool complete, size_t bytes) const noexcept;

  const ingot_tokenizer &tables;

private:
  bool putBytes(const uint8_t *text, size_t bytes) noexcept;
  bool putPiece(const uint8_t *text, size_t bytes) noexcept;

  IdBuffer buffer;
  SentencePieceEncoder pieces;
};

} // namespace ingot

#endif // INGOT_RUNTIME_SRC_TOKENIZER_H
