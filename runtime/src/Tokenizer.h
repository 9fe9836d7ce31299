//===- Tokenizer.h - Encoding into a caller's buffer ----------------------===//
#ifndef INGOT_RUNTIME_SRC_TOKENIZER_H
#define INGOT_RUNTIME_SRC_TOKENIZER_H

#include "ingot/abi.h"
#include "ingot/ingot.h"
#include "ingot/tables.h"

namespace ingot {

/// The longest added token at the beginning of the text, which is not empty, or
/// -1.
int32_t addedTokenAt(const ingot_tokenizer &tables, const uint8_t *text, size_t bytes) noexcept;

/// Appends ids to a buffer of the caller's. Every `put` returns false when the
/// room is used up; `missing` then bounds what would still have come.
struct Encoder {
  Encoder(const ingot_tokenizer &tables, int32_t *ids, size_t room) noexcept
      : tables(tables), ids(ids), room(room) {}

  bool putId(int32_t id) noexcept;
  /// Text in which added tokens are recognised if `special`.
  bool putText(const uint8_t *text, size_t bytes, bool special) noexcept;

  /// The status, with the count written or a room that is enough.
  ingot_status finish(size_t &needed, bool complete) const noexcept;

  const ingot_tokenizer &tables;
  int32_t *ids;
  size_t room, count = 0, missing = 0;

private:
  bool putPlain(const uint8_t *text, size_t bytes) noexcept;
  bool putPiece(const uint8_t *text, size_t bytes) noexcept;
};

} // namespace ingot

#endif // INGOT_RUNTIME_SRC_TOKENIZER_H
