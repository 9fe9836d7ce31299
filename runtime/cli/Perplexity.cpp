// Perplexity: exp of the mean of -log p(next token) over windows of a text.

#include "Eval.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

namespace ingot::cli {

// -log softmax(logits)[target] in nats, summed in double so that its error is far below the
// model's.
static double negativeLogLikelihood(const float *logits, size_t count, int32_t target) {
  float most = -INFINITY;
  for (size_t i = 0; i < count; ++i)
    most = logits[i] > most ? logits[i] : most;
  double sum = 0;
  for (size_t i = 0; i < count; ++i)
    sum += exp(static_cast<double>(logits[i]) - static_cast<double>(most));
  return log(sum) + static_cast<double>(most) - static_cast<double>(logits[target]);
}

int evalPerplexity(const ingot_model *model, const EvalOptions &options) {
  if (int code = needTokenizer(model))
    return code;
  const size_t context = ingot_model_max_context(model);
  size_t window = static_cast<size_t>(options.window);
  if (window > context)
    return fail(exitUsage, "option '--window' is %zu, expected at most %zu (the context)", window,
                context);
  if (window == 0)
    window = context < 2048 ? context : 2048;

  Array<char> text;
  Array<int32_t> ids;
  if (int code = readWhole(options.perplexity, text))
    return code;
  if (int code = tokenizeText(model, text.data(), text.size(), /*flags=*/0, ids))
    return code;
  if (ids.size() < 2 || window < 2)
    return fail(exitFailed, "'%s' is %zu tokens long, expected at least 2", options.perplexity,
                ids.size());
  // A last window that is shorter is dropped unless it is the only one.
  if (ids.size() < window)
    window = ids.size();

  Feeder feeder;
  if (int code = feeder.open(model, options))
    return code;
  const size_t vocabulary = ingot_model_vocab_size(model);
  double total = 0;
  size_t targets = 0;
  for (size_t begin = 0; begin + window <= ids.size(); begin += window) {
    const int32_t *first = ids.data() + begin;
    // The last token of a window is only a target.
    int code = feeder.feed(first, window - 1, [&](size_t at, size_t rows, const float *logits) {
      for (size_t row = 0; row < rows; ++row)
        total += negativeLogLikelihood(logits + row * vocabulary, vocabulary, first[at + row + 1]);
      return static_cast<int>(exitDone);
    });
    if (code)
      return code;
    targets += window - 1;
  }
  const double mean = total / static_cast<double>(targets);
  if (!isfinite(mean))
    return fail(exitFailed, "the model's logits are not finite");
  char line[256];
  int length =
      strcmp(options.output, "json") == 0
          ? snprintf(line, sizeof line, "{\"tokens\":%zu,\"nll\":%.9g,\"perplexity\":%.9g}\n",
                     targets, mean, exp(mean))
          : snprintf(line, sizeof line, "perplexity %.4f (%.6f nats a token, %zu tokens)\n",
                     exp(mean), mean, targets);
  return writeOutput(line, static_cast<size_t>(length));
}

} // namespace ingot::cli
