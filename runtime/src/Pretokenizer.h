//===- Pretokenizer.h - Cutting text into pieces --------------------------===//
#ifndef INGOT_RUNTIME_SRC_PRETOKENIZER_H
#define INGOT_RUNTIME_SRC_PRETOKENIZER_H

#include <stddef.h>
#include <stdint.h>

namespace ingot {

/// The length in bytes of the first piece of `text` (1 .. bytes), for a
/// pre-tokeniser INGOT_PRETOKENIZER_*. `bytes` is not 0.
size_t nextPiece(uint32_t pretokenizer, const uint8_t *text, size_t bytes) noexcept;

} // namespace ingot

#endif // INGOT_RUNTIME_SRC_PRETOKENIZER_H
