// Text to ids and back, into arrays that grow.
#ifndef INGOT_CLI_TOKENS_H
#define INGOT_CLI_TOKENS_H

#include "Array.h"
#include "Cli.h"

#include <stdint.h>

namespace ingot::cli {

[[nodiscard]] int tokenizeText(const ingot_model *model, const char *text, size_t bytes,
                               uint32_t flags, Array<int32_t> &ids);

// `text` as one turn of the user, up to the beginning of the answer.
[[nodiscard]] int renderChat(const ingot_model *model, const char *text, size_t bytes,
                             Array<int32_t> &ids);

[[nodiscard]] int detokenizeIds(const ingot_model *model, const Array<int32_t> &ids,
                                Array<char> &text);

// A list of ids, one or more lines of it.
struct IdLines {
  Array<int32_t> ids;
  Array<size_t> ends;    // of each line that is not blank, in `ids`
  Array<size_t> numbers; // of that line in the file, from 1
};

// Reads decimal ids, spaces or commas between them. `name` stands in the messages, which carry line
// and column. Ids must be in the model's vocabulary.
[[nodiscard]] int parseIds(const ingot_model *model, const char *name, const Array<char> &text,
                           IdLines &lines);

} // namespace ingot::cli
#endif
