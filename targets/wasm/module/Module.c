/* What NAME.wasm exports: the C API of ingot.h in a form that JavaScript calls without knowing a
 * struct.
 *
 * Texts and ids pass through two buffers that grow on demand; a call says how much of them it reads
 * and answers how much it wrote, or minus a status. One module is one model with one session.
 * Imports: none. */

#include "ingot/ingot.h"

#define EXPORT(name) __attribute__((export_name(#name), visibility("default"))) name

const ingot_model *ingot_cli_model(void); /* of the model this is linked with */

static struct {
  ingot_session *session;
  uint8_t *weights; /* of a sidecar */
  uint8_t *text;
  int32_t *ids;
  float *logits;
  size_t text_bytes, id_count, logit_count; /* room */
  ingot_detokenizer detokenizer;
  ingot_generate_options options;
  ingot_generate_result result;
} module;

/* ---- memory
 * ----------------------------------------------------------------------------------------------------
 */

/* Whole pages, zeroed; null when the engine gives no more. */
static void *grow(size_t bytes) {
  const size_t page = 65536;
  const size_t before = __builtin_wasm_memory_grow(0, bytes / page + (bytes % page != 0));
  return before == ~(size_t)0 ? 0 : (void *)(before * page);
}

/* Room for `wanted` elements of `size` bytes behind *at, whose content may be lost. It at least
 * doubles, so that what is left behind stays smaller than what is in use. */
static int reserve(void **at, size_t *room, size_t wanted, size_t size) {
  if (wanted <= *room)
    return 1;
  const size_t elements = wanted < 2 * *room ? 2 * *room : wanted;
  if (elements > SIZE_MAX / 2 / size)
    return 0;
  void *fresh = grow(elements * size);
  if (!fresh)
    return 0;
  *at = fresh;
  *room = elements;
  return 1;
}

/* The buffers; 0 when there is no memory. */
uint8_t *EXPORT(text)(size_t bytes) {
  return reserve((void **)&module.text, &module.text_bytes, bytes, 1) ? module.text : 0;
}
int32_t *EXPORT(ids)(size_t count) {
  return reserve((void **)&module.ids, &module.id_count, count, sizeof *module.ids) ? module.ids
                                                                                    : 0;
}

/* ---- the model
 * -------------------------------------------------------------------------------------------------
 */

uint32_t EXPORT(version)(void) { return ingot_version(); }
const char *EXPORT(name)(void) { return ingot_model_name(ingot_cli_model()); }
const char *EXPORT(banner)(void) { return ingot_model_banner(ingot_cli_model()); }
const char *EXPORT(level)(void) { return ingot_model_level_name(ingot_cli_model(), 0); }
const char *EXPORT(status_text)(ingot_status status) { return ingot_status_string(status); }
uint32_t EXPORT(vocabulary)(void) { return ingot_model_vocab_size(ingot_cli_model()); }
uint32_t EXPORT(max_context)(void) { return ingot_model_max_context(ingot_cli_model()); }
int EXPORT(has_tokenizer)(void) { return ingot_model_has_tokenizer(ingot_cli_model()); }
int EXPORT(has_chat)(void) { return ingot_model_has_chat(ingot_cli_model()); }
int EXPORT(is_special)(int32_t id) { return ingot_token_is_special(ingot_cli_model(), id); }

/* Weights: their bytes; whether they are embedded; where a sidecar is to be written, 0 when there
 * is no memory. */
uint32_t EXPORT(weights_bytes)(void) {
  return (uint32_t)ingot_model_weights_bytes(ingot_cli_model());
}
int EXPORT(weights_embedded)(void) { return ingot_model_weights(ingot_cli_model()) != 0; }
uint8_t *EXPORT(weights_room)(void) {
  if (!module.weights)
    module.weights = grow((size_t)ingot_model_weights_bytes(ingot_cli_model()));
  return module.weights;
}

/* ---- the session
 * -----------------------------------------------------------------------------------------------
 */

ingot_status EXPORT(open)(uint32_t context, uint32_t max_lookup) {
  const ingot_model *model = ingot_cli_model();
  ingot_session_options options = {0};
  options.size = sizeof options;
  options.context = context;
  options.max_lookup = max_lookup;
  options.threads = 1;
  if (!ingot_model_weights(model) && module.weights) {
    options.weights = module.weights;
    options.weights_bytes = (size_t)ingot_model_weights_bytes(model);
  }
  return ingot_session_create(model, &options, 0, 0, &module.session);
}

uint32_t EXPORT(position)(void) { return (uint32_t)ingot_session_position(module.session); }
ingot_status EXPORT(rewind)(uint32_t position) {
  return ingot_session_rewind(module.session, position);
}

/* Feeds ids[first .. first + count). */
ingot_status EXPORT(prefill)(uint32_t first, uint32_t count) {
  return ingot_session_prefill(module.session, module.ids + first, count);
}

/* The same; the logits of every token lie at logits(). */
ingot_status EXPORT(prefill_logits)(uint32_t first, uint32_t count) {
  const size_t vocabulary = ingot_model_vocab_size(ingot_cli_model());
  if (!reserve((void **)&module.logits, &module.logit_count, vocabulary * count,
               sizeof *module.logits))
    return INGOT_OUT_OF_MEMORY;
  return ingot_session_prefill_logits(module.session, module.ids + first, count, module.logits);
}
const float *EXPORT(logits)(void) { return module.logits; }

/* How generate() chooses; seed in two halves. */
void EXPORT(options)(float temperature, uint32_t top_k, float top_p, float min_p,
                     float repeat_penalty, uint32_t seed_low, uint32_t seed_high, uint32_t lookup) {
  module.options = (ingot_generate_options){.size = sizeof module.options,
                                            .temperature = temperature,
                                            .top_k = top_k,
                                            .top_p = top_p,
                                            .min_p = min_p,
                                            .repeat_penalty = repeat_penalty,
                                            .seed = (uint64_t)seed_high << 32 | seed_low,
                                            .lookup = lookup};
}

static int keep_token(void *user, int32_t token) {
  uint32_t *count = user;
  module.ids[(*count)++] = token;
  return 0;
}

/* Up to `most` tokens into ids; answers their number, or minus a status. */
int32_t EXPORT(generate)(uint32_t most) {
  uint32_t count = 0;
  if (!reserve((void **)&module.ids, &module.id_count, most, sizeof *module.ids))
    return -INGOT_OUT_OF_MEMORY;
  module.result.size = sizeof module.result;
  module.options.max_tokens = most;
  module.options.result = &module.result;
  const ingot_status status =
      ingot_session_generate(module.session, &module.options, keep_token, &count);
  return status == INGOT_OK ? (int32_t)count : -status;
}

/* Of the last generate(): INGOT_STOP_*. */
uint32_t EXPORT(stop)(void) { return module.result.stop; }

/* ---- texts
 * -----------------------------------------------------------------------------------------------------
 */

/* text[0 .. bytes) to ids. */
int32_t EXPORT(tokenize)(size_t bytes, uint32_t flags) {
  for (;;) {
    size_t count = module.id_count;
    const ingot_status status = ingot_tokenize(ingot_cli_model(), (const char *)module.text, bytes,
                                               flags, module.ids, &count);
    if (status == INGOT_OK)
      return (int32_t)count;
    if (status != INGOT_BUFFER_TOO_SMALL || count <= module.id_count)
      return -status;
    if (!reserve((void **)&module.ids, &module.id_count, count, sizeof *module.ids))
      return -INGOT_OUT_OF_MEMORY;
  }
}

/* Bytes of a conversion into the text buffer, which `convert` may ask to be larger. */
#define INTO_TEXT(convert)                                                                         \
  for (;;) {                                                                                       \
    size_t bytes = module.text_bytes;                                                              \
    const ingot_status status = convert;                                                           \
    if (status == INGOT_OK)                                                                        \
      return (int32_t)bytes;                                                                       \
    if (status != INGOT_BUFFER_TOO_SMALL || bytes <= module.text_bytes)                            \
      return -status;                                                                              \
    if (!reserve((void **)&module.text, &module.text_bytes, bytes, 1))                             \
      return -INGOT_OUT_OF_MEMORY;                                                                 \
  }

/* ids[0 .. count) to text. */
int32_t EXPORT(detokenize)(size_t count) {
  INTO_TEXT(ingot_detokenize(ingot_cli_model(), module.ids, count, (char *)module.text, &bytes))
}

/* Text token by token: begin, then each id, then what is still pending. */
void EXPORT(pieces)(uint32_t flags) {
  module.detokenizer = (ingot_detokenizer){.size = sizeof module.detokenizer, .flags = flags};
}
int32_t EXPORT(piece)(int32_t id){
    INTO_TEXT(ingot_detokenizer_next(ingot_cli_model(), &module.detokenizer, id,
                                     (char *)module.text, &bytes))} int32_t
    EXPORT(last_piece)(void){
        INTO_TEXT(ingot_detokenizer_finish(ingot_cli_model(), &module.detokenizer,
                                           (char *)module.text, &bytes))}

/* What a token looks like in the vocabulary: its bytes into the text buffer. */
int32_t EXPORT(token_text)(int32_t id) {
  const char *from;
  size_t bytes;
  const ingot_status status = ingot_token_text(ingot_cli_model(), id, &from, &bytes);
  if (status != INGOT_OK)
    return -status;
  if (!reserve((void **)&module.text, &module.text_bytes, bytes, 1))
    return -INGOT_OUT_OF_MEMORY;
  __builtin_memcpy(module.text, from, bytes);
  return (int32_t)bytes;
}

/* A conversation to ids. On entry the text buffer holds the messages' texts behind each other, and
 * ids two numbers a message: INGOT_ROLE_* and bytes. */
int32_t EXPORT(chat)(uint32_t count, int add_generation_prompt) {
  static ingot_chat_message *messages;
  static size_t room;
  if (!reserve((void **)&messages, &room, count, sizeof *messages))
    return -INGOT_OUT_OF_MEMORY;
  const char *at = (const char *)module.text;
  for (uint32_t i = 0; i < count; ++i) {
    messages[i] = (ingot_chat_message){
        .role = (uint32_t)module.ids[2 * i], .text = at, .bytes = (size_t)module.ids[2 * i + 1]};
    at += module.ids[2 * i + 1];
  }
  for (;;) {
    size_t written = module.id_count;
    const ingot_status status = ingot_chat_render(ingot_cli_model(), messages, count,
                                                  add_generation_prompt, module.ids, &written);
    if (status == INGOT_OK)
      return (int32_t)written;
    if (status != INGOT_BUFFER_TOO_SMALL || written <= module.id_count)
      return -status;
    if (!reserve((void **)&module.ids, &module.id_count, written, sizeof *module.ids))
      return -INGOT_OUT_OF_MEMORY;
  }
}
