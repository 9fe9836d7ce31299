#include "ingot/ingot.h"

#include <stdint.h>

uint32_t ingot_version(void) { return INGOT_VERSION; }

const char *ingot_status_string(ingot_status status) {
  switch (status) {
  case INGOT_BAD_STATE_FORMAT:
    return "these bytes are not a saved state of this version";
  case INGOT_BAD_STATE_MODEL:
    return "the saved state belongs to another model";
  case INGOT_BAD_STATE_CHECKSUM:
    return "the saved state is damaged";
  }
  switch (INGOT_STATUS_CODE(status)) {
  case INGOT_OK:
    return "done";
  case INGOT_INVALID_ARGUMENT:
    return "an argument is null, malformed or out of its range";
  case INGOT_INVALID_TOKEN:
    return "a token id is not in the vocabulary";
  case INGOT_CONTEXT_FULL:
    return "the tokens do not fit into the context";
  case INGOT_OUT_OF_MEMORY:
    return "the system gave no memory";
  case INGOT_BUFFER_TOO_SMALL:
    return "a buffer is too small";
  case INGOT_UNSUPPORTED_CPU:
    return "the model was compiled for no instruction set that this machine has";
  case INGOT_INCOMPATIBLE:
    return "model and library come from different versions";
  case INGOT_WEIGHTS_MISSING:
    return "the model needs its weights file";
  case INGOT_WEIGHTS_MISMATCH:
    return "the weights file does not belong to this model";
  case INGOT_BAD_STATE:
    return "the saved state cannot be read";
  case INGOT_IO_ERROR:
    return "reading or writing failed";
  case INGOT_CANCELLED:
    return "cancelled";
  case INGOT_NO_LOGITS:
    return "there are no logits: no token was fed";
  case INGOT_NO_TOKENIZER:
    return "the model was compiled without a tokenizer";
  case INGOT_NO_CHAT_TEMPLATE:
    return "the model was compiled without a chat template";
  case INGOT_BUSY:
    return "the session is in the middle of another call";
  case INGOT_THREAD_FAILED:
    return "the system would not start a thread";
  case INGOT_INVALID_CHAT:
    return "the chat template refuses this conversation";
  }
  return "unknown status";
}
