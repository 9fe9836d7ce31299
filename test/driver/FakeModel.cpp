// A model for tests of the executable: a few lines against abi.h whose text can be said in advance.
//
// Tokens 0 .. 255 are bytes, 256 is BOS, 257 ends a text, 258 is special. It counts: after 'a'
// comes 'b'; after 'z' the end; after 'm' the special token and then 'n'; after '!' always '!'. The
// tokenizer and the chat are here too, put in place of the library's by the linker's --wrap.
//
// Built several times: -DNO_TOKENIZER, -DSIDECAR, -DNO_LEVEL leave out what their names say.

#include "ingot/abi.h"
#include "ingot/ingot.h"

#include <string.h>

namespace {

constexpr uint32_t vocab = 259;
constexpr int32_t bos = 256, end = 257, special = 258;

constexpr size_t imageBytes = 1 << 16;
#ifndef SIDECAR
alignas(4096) const uint8_t image[imageBytes] = {1, 2, 3};
#endif

int32_t successor(int32_t token) {
  return token == 'z'                  ? end
         : token == 'm'                ? special
         : token == special            ? 'n'
         : token == '!'                ? '!'
         : token >= 'a' && token < 'z' ? token + 1
                                       : 'a';
}

template <uint32_t MaxRows> void entry(const ingot_step *step, uint32_t thread, uint32_t threads) {
  // The cache holds the tokens; what follows depends on the last and, a little, on the one before,
  // so that a wrong cache shows.
  int32_t *cache = reinterpret_cast<int32_t *>(step->kv);
  if (thread == 0)
    for (uint32_t row = 0; row < step->rows; ++row)
      cache[step->position + row] = step->tokens[row];
  step->barrier(step->team, thread);
  const ingot_range mine = ingot_share(vocab, thread, threads);
  for (uint32_t row = step->first_logits_row; row < step->rows; ++row) {
    const uint32_t position = step->position + row;
    const int32_t last = cache[position];
    const uint32_t before = position == 0 ? 0 : static_cast<uint32_t>(cache[position - 1]);
    float *logits = step->logits + size_t(row - step->first_logits_row) * vocab;
    for (int32_t v = mine.begin; v < mine.end; ++v)
      logits[v] = static_cast<float>((before * 31 + static_cast<uint32_t>(v) * 17) % 64) / 64.0f +
                  (v == successor(last) ? 12.0f : 0.0f);
  }
}

const ingot_entry entries[] = {{entry<1>, 1, 0, 64, 64}, {entry<128>, 128, 0, 64, 64}};
#ifdef NO_LEVEL
int usable() { return 0; }
#else
int usable() { return 1; }
#endif
int never() { return 0; }
const ingot_level levels[] = {{"wishful", never, entries, 2, 0}, {"plain", usable, entries, 2, 0}};
const int32_t eos[] = {end};

constexpr ingot_model describe() {
  ingot_model m = {};
  m.abi_version = INGOT_ABI_VERSION;
  m.struct_bytes = sizeof m;
  m.name = "fake";
  m.target = "test";
  m.banner = "written by hand";
  m.vocab_size = vocab;
  m.hidden_size = 1;
  m.block_count = 1;
  m.run_count = 1;
  m.max_context = 1 << 20;
  m.kv_bytes_per_position = 4;
  m.weights_bytes = imageBytes;
  m.weights_read_per_token = 1000;
#ifdef SIDECAR
  // SHA-256 of the image: bytes 1, 2, 3 and zeros up to 65,536.
  m.weights_hash[0] = SIDECAR_HASH_0;
  m.weights_hash[1] = SIDECAR_HASH_1;
  m.weights_hash[2] = SIDECAR_HASH_2;
  m.weights_hash[3] = SIDECAR_HASH_3;
#else
  m.weights = image;
#endif
  m.levels = levels;
  m.level_count = 2;
  m.eos_count = 1;
  m.eos = eos;
  m.bos = bos;
  m.add_bos = 1;
  m.kv_streams = 1;
  return m;
}
constinit const ingot_model model = describe();

ingot_status give(const int32_t *ids, size_t needed, int32_t *out, size_t *count) {
  const bool fits = needed <= *count;
  if (fits)
    memcpy(out, ids, needed * sizeof *ids);
  *count = needed;
  return fits ? INGOT_OK : INGOT_BUFFER_TOO_SMALL;
}

const char *pieceOf(int32_t id, size_t &bytes) {
  static const struct Bytes {
    char text[256];
    constexpr Bytes() : text() {
      for (int i = 0; i < 256; ++i)
        text[i] = static_cast<char>(i);
    }
  } bytesTable;
  static const char *const names[] = {"<bos>", "<end>", "<special>"};
  bytes = id < 256 ? 1 : strlen(names[id - 256]);
  return id < 256 ? bytesTable.text + id : names[id - 256];
}

} // namespace

extern "C" {

const ingot_model *ingot_cli_model(void);
const ingot_model *ingot_cli_model(void) { return &model; }

int __wrap_ingot_model_has_tokenizer(const ingot_model *) {
#ifdef NO_TOKENIZER
  return 0;
#else
  return 1;
#endif
}
int __wrap_ingot_model_has_chat(const ingot_model *) { return 1; }

ingot_status __wrap_ingot_tokenize(const ingot_model *, const char *text, size_t bytes,
                                   uint32_t flags, int32_t *ids, size_t *count) {
  // "#" is the text of the special token, for --no-special.
  static int32_t all[1 << 21];
  size_t n = 0;
  if (!(flags & INGOT_TOKENIZE_NO_BOS))
    all[n++] = bos;
  for (size_t i = 0; i < bytes && n < sizeof all / sizeof *all; ++i)
    all[n++] = text[i] == '#' && !(flags & INGOT_TOKENIZE_NO_SPECIAL)
                   ? special
                   : static_cast<unsigned char>(text[i]);
  return give(all, n, ids, count);
}

ingot_status __wrap_ingot_chat_render(const ingot_model *, const ingot_chat_message *messages,
                                      size_t, int, int32_t *ids, size_t *count) {
  // The answer to a turn begins as if the last byte were not there.
  int32_t last = messages->bytes == 0 ? 'a' : messages->text[messages->bytes - 1];
  const int32_t turn[] = {bos, special, last - 1};
  return give(turn, 3, ids, count);
}

ingot_status __wrap_ingot_token_text(const ingot_model *, int32_t id, const char **text,
                                     size_t *bytes) {
  *text = pieceOf(id, *bytes);
  return INGOT_OK;
}

ingot_status __wrap_ingot_detokenize(const ingot_model *, const int32_t *ids, size_t count,
                                     char *text, size_t *bytes) {
  const size_t room = *bytes;
  size_t n = 0;
  for (size_t i = 0; i < count; ++i) {
    size_t length;
    const char *piece = pieceOf(ids[i], length);
    if (n + length <= room)
      memcpy(text + n, piece, length);
    n += length;
  }
  *bytes = n;
  return n <= room ? INGOT_OK : INGOT_BUFFER_TOO_SMALL;
}

ingot_status __wrap_ingot_detokenizer_next(const ingot_model *, ingot_detokenizer *d, int32_t id,
                                           char *text, size_t *bytes) {
  size_t length;
  const char *piece = pieceOf(id, length);
  *bytes = id >= 256 && (d->flags & INGOT_DETOKENIZE_SKIP_SPECIAL) ? 0 : length;
  memcpy(text, piece, *bytes);
  return INGOT_OK;
}

ingot_status __wrap_ingot_detokenizer_finish(const ingot_model *, ingot_detokenizer *, char *,
                                             size_t *bytes) {
  *bytes = 0;
  return INGOT_OK;
}

} // extern "C"
