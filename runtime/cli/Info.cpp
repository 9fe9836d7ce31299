// `info`: what the executable knows about itself, for the driver.

#include "Files.h"
#include "Json.h"
#include "Options.h"

#include "Cli.h"

#include <stdio.h>
#include <string.h>

namespace ingot::cli {

static bool appendText(Array<char> &out, const char *text) {
  return out.append(text, strlen(text));
}

static bool appendField(Array<char> &out, const char *name, uint64_t value) {
  char field[96];
  snprintf(field, sizeof field, ",\"%s\":%llu", name, static_cast<unsigned long long>(value));
  return appendText(out, field);
}

static bool appendLevels(const ingot_model *model, Array<char> &out) {
  bool good = appendText(out, ",\"levels\":[");
  for (uint32_t i = 0; i < ingot_model_level_count(model); ++i) {
    const char *name = ingot_model_level_name(model, i);
    good = good && appendText(out, i == 0 ? "{\"name\":" : ",{\"name\":") &&
           appendJsonString(name, strlen(name), out) &&
           appendText(out, ingot_model_level_usable(model, i) ? ",\"usable\":true}"
                                                              : ",\"usable\":false}");
  }
  return good && appendText(out, "]}\n");
}

int infoVerb(int argc, char **argv) {
  Parsed parsed = parseOptions(argc, argv, nullptr, 0, "ingot info DIR");
  if (parsed.end)
    return parsed.code;
  const ingot_model *model = ingot_cli_model();
  Array<char> out;
  const char *name = ingot_model_name(model), *target = ingot_model_target(model);
  bool good = appendText(out, "{\"name\":") && appendJsonString(name, strlen(name), out) &&
              appendText(out, ",\"target\":") && appendJsonString(target, strlen(target), out) &&
              appendField(out, "vocab_size", ingot_model_vocab_size(model)) &&
              appendField(out, "max_context", ingot_model_max_context(model)) &&
              appendField(out, "blocks", ingot_model_block_count(model)) &&
              appendField(out, "runs", ingot_model_run_count(model)) &&
              appendField(out, "weights_bytes", ingot_model_weights_bytes(model)) &&
              appendField(out, "kv_bytes_per_position", ingot_model_kv_bytes_per_position(model)) &&
              appendLevels(model, out);
  if (!good)
    return fail(exitFailed, "out of memory");
  return writeOutput(out.data(), out.size());
}

} // namespace ingot::cli
