//===- Detokenizer.cpp - From ids to text ---------------------------------===//

#include "Decoding.h"
#include "Memory.h"
#include "Options.h"
#include "Unicode.h"

#include "ingot/abi.h"
#include "ingot/ingot.h"
#include "ingot/tables.h"

using namespace ingot;

namespace {

struct Bytes {
  const uint8_t *data;
  size_t size;
};

bool isToken(const ingot_tokenizer &tables, int32_t id) noexcept {
  return id >= 0 && static_cast<uint32_t>(id) < tables.vocab_count;
}

Bytes textOf(const ingot_tokenizer &tables, int32_t id) noexcept {
  return {tables.token_bytes + tables.token_offsets[id],
          tables.token_offsets[id + 1] - tables.token_offsets[id]};
}

/// Checks what every call here needs; the tables come out.
ingot_status findTables(const ingot_model *model, const ingot_tokenizer *&tables) noexcept {
  if (!model)
    return INGOT_INVALID_ARGUMENT;
  tables = model->tokenizer;
  return tables ? INGOT_OK : INGOT_NO_TOKENIZER;
}

/// The length of `text` without an incomplete sequence at its end.
size_t completeBytes(const uint8_t *text, size_t bytes) noexcept {
  for (size_t back = 1; back <= 3 && back <= bytes; ++back) {
    const uint8_t byte = text[bytes - back];
    if ((byte & 0xC0) == 0x80)
      continue; // a continuation: its sequence begins further back
    return sequenceBytes(byte) > back ? bytes - back : bytes;
  }
  return bytes;
}

} // namespace

extern "C" ingot_status ingot_detokenize(const ingot_model *model, const int32_t *ids, size_t count,
                                         char *text, size_t *bytes) {
  const ingot_tokenizer *tables;
  if (const ingot_status status = findTables(model, tables))
    return status;
  if (!bytes || (!ids && count) || (!text && *bytes))
    return INGOT_INVALID_ARGUMENT;
  if (tables->sentencepiece) {
    Decoding decoding(*tables, {text, *bytes});
    for (size_t i = 0; i < count; ++i) {
      if (!isToken(*tables, ids[i]))
        return INGOT_INVALID_TOKEN;
      decoding.put(ids[i], /*skipSpecial=*/false);
    }
    decoding.finish();
    return decoding.out.status(*bytes);
  }
  size_t needed = 0;
  for (size_t i = 0; i < count; ++i) {
    if (!isToken(*tables, ids[i]))
      return INGOT_INVALID_TOKEN;
    const Bytes token = textOf(*tables, ids[i]);
    if (__builtin_add_overflow(needed, token.size, &needed))
      return INGOT_INVALID_ARGUMENT;
    if (needed <= *bytes)
      copyBytes(text + needed - token.size, token.data, token.size);
  }
  const bool fits = needed <= *bytes;
  *bytes = needed;
  return fits ? INGOT_OK : INGOT_BUFFER_TOO_SMALL;
}

extern "C" ingot_status ingot_token_text(const ingot_model *model, int32_t id, const char **text,
                                         size_t *bytes) {
  const ingot_tokenizer *tables;
  if (const ingot_status status = findTables(model, tables))
    return status;
  if (!text || !bytes)
    return INGOT_INVALID_ARGUMENT;
  if (!isToken(*tables, id))
    return INGOT_INVALID_TOKEN;
  const Bytes token = textOf(*tables, id);
  *text = reinterpret_cast<const char *>(token.data);
  *bytes = token.size;
  return INGOT_OK;
}

extern "C" int ingot_token_is_special(const ingot_model *model, int32_t id) {
  if (!model || !model->tokenizer || !isToken(*model->tokenizer, id))
    return 0;
  return (model->tokenizer->token_flags[id] & INGOT_TOKEN_SPECIAL) != 0;
}

/// A step of SentencePiece's decoding on a caller's detokenizer, which stays as it is when the text
/// does not fit. Its state[1] is 1 when the text has begun.
template <typename Step>
static ingot_status decodeStep(const ingot_tokenizer &tables, ingot_detokenizer &detokenizer,
                               char *text, size_t *bytes, Step step) noexcept {
  Decoding decoding(tables, {text, *bytes});
  decoding.atBeginning =
      detokenizer.state[1] == 0 && (detokenizer.flags & INGOT_DETOKENIZE_CONTINUE) == 0;
  decoding.pendingCount = detokenizer.state[0];
  copyBytes(decoding.pending, detokenizer.pending, decoding.pendingCount);
  step(decoding);
  const ingot_status status = decoding.out.status(*bytes);
  if (status == INGOT_OK) {
    detokenizer.state[0] = decoding.pendingCount;
    detokenizer.state[1] = decoding.atBeginning ? 0 : 1;
    copyBytes(detokenizer.pending, decoding.pending, decoding.pendingCount);
  }
  return status;
}

/// pending holds the bytes of an incomplete sequence, state[0] their number.
extern "C" ingot_status ingot_detokenizer_next(const ingot_model *model,
                                               ingot_detokenizer *detokenizer, int32_t id,
                                               char *text, size_t *bytes) {
  const ingot_tokenizer *tables;
  if (const ingot_status status = findTables(model, tables))
    return status;
  if (!detokenizer || detokenizer->size < sizeof(ingot_detokenizer) || detokenizer->state[0] > 3 ||
      !bytes || (!text && *bytes))
    return INGOT_INVALID_ARGUMENT;
  if (!isToken(*tables, id))
    return INGOT_INVALID_TOKEN;
  const bool skip = (detokenizer->flags & INGOT_DETOKENIZE_SKIP_SPECIAL) != 0;
  if (tables->sentencepiece)
    return decodeStep(*tables, *detokenizer, text, bytes,
                      [&](Decoding &decoding) { decoding.put(id, skip); });
  Bytes token = textOf(*tables, id);
  if (skip && (tables->token_flags[id] & INGOT_TOKEN_SPECIAL) != 0)
    token.size = 0;

  // What is pending and the token form one text; its complete part goes out.
  const size_t pending = detokenizer->state[0];
  const size_t total = pending + token.size;
  uint8_t tail[6]; // of both, the last bytes: as many as can be incomplete, and their context
  const size_t tailBytes = total < sizeof tail ? total : sizeof tail;
  for (size_t i = 0; i < tailBytes; ++i) {
    const size_t at = total - tailBytes + i;
    tail[i] = at < pending ? detokenizer->pending[at] : token.data[at - pending];
  }
  const size_t kept = tailBytes - completeBytes(tail, tailBytes);
  const size_t out = total - kept;
  if (out > *bytes) {
    *bytes = out;
    return INGOT_BUFFER_TOO_SMALL;
  }
  const size_t fromPending = out < pending ? out : pending;
  copyBytes(text, detokenizer->pending, fromPending);
  if (out > pending)
    copyBytes(text + pending, token.data, out - pending);
  copyBytes(detokenizer->pending, tail + tailBytes - kept, kept);
  detokenizer->state[0] = static_cast<uint32_t>(kept);
  *bytes = out;
  return INGOT_OK;
}

extern "C" ingot_status ingot_detokenizer_finish(const ingot_model *model,
                                                 ingot_detokenizer *detokenizer, char *text,
                                                 size_t *bytes) {
  const ingot_tokenizer *tables;
  if (const ingot_status status = findTables(model, tables))
    return status;
  if (!detokenizer || detokenizer->size < sizeof(ingot_detokenizer) || detokenizer->state[0] > 3 ||
      !bytes || (!text && *bytes))
    return INGOT_INVALID_ARGUMENT;
  if (tables->sentencepiece) {
    const ingot_status status =
        decodeStep(*tables, *detokenizer, text, bytes, [](Decoding &d) { d.finish(); });
    detokenizer->state[1] = status == INGOT_OK ? 0 : detokenizer->state[1];
    return status;
  }
  const size_t pending = detokenizer->state[0];
  const bool fits = pending <= *bytes;
  *bytes = pending;
  if (!fits)
    return INGOT_BUFFER_TOO_SMALL;
  copyBytes(text, detokenizer->pending, pending);
  detokenizer->state[0] = 0;
  return INGOT_OK;
}
