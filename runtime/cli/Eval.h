// The two halves of `eval`.
#ifndef INGOT_CLI_EVAL_H
#define INGOT_CLI_EVAL_H

#include "OpenSession.h"
#include "Tokens.h"

namespace ingot::cli {

struct EvalOptions {
  MachineOptions machine;
  const char *tokens = nullptr, *logits = nullptr, *perplexity = nullptr;
  const char *output = "text";
  int64_t chunk = 0;  // tokens fed at a time; 0: the largest step
  int64_t window = 0; // 0: min(2048, context)
};

// Feeds sequences from an empty cache, `chunk` tokens at a time, and shows every row of logits.
class Feeder {
public:
  ~Feeder() { ingot_session_destroy(session); }

  [[nodiscard]] int open(const ingot_model *model, const EvalOptions &options);

  // Calls onRows(first, rows, logits) for every chunk, where `logits` is [rows][vocab_size] and
  // row 0 belongs to ids[first]. A code other than 0 from it ends the feeding.
  template <typename OnRows>
  [[nodiscard]] int feed(const int32_t *ids, size_t count, OnRows onRows) {
    if (ingot_status status = ingot_session_rewind(session, 0))
      return failStatus(status, "rewind");
    for (size_t first = 0; first < count; first += chunk) {
      const size_t rows = count - first < chunk ? count - first : chunk;
      ingot_status status = ingot_session_prefill_logits(session, ids + first, rows, logits.data());
      if (status != INGOT_OK)
        return failStatus(status, "feed tokens");
      if (int code = onRows(first, rows, logits.data()))
        return code;
    }
    return exitDone;
  }

private:
  ingot_session *session = nullptr;
  Mapping weights;
  size_t chunk = 0;
  Array<float> logits; // [chunk][vocab_size]
};

[[nodiscard]] int evalLogits(const ingot_model *model, const EvalOptions &options);
[[nodiscard]] int evalPerplexity(const ingot_model *model, const EvalOptions &options);

} // namespace ingot::cli
#endif
