#include "Cli.h"

#include <stdarg.h>
#include <stdio.h>

namespace ingot::cli {

static void say(const char *kind, const char *format, va_list arguments) {
  // One buffer, one write: lines of several processes do not mix.
  char line[2048];
  int at = snprintf(line, sizeof line, "%s: %s: ", ingot_model_name(ingot_cli_model()), kind);
  vsnprintf(line + at, sizeof line - static_cast<size_t>(at), format, arguments);
  fprintf(stderr, "%s\n", line);
}

int fail(int code, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  say("error", format, arguments);
  va_end(arguments);
  return code;
}

void warn(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  say("warning", format, arguments);
  va_end(arguments);
}

int failStatus(ingot_status status, const char *doing) {
  int code = exitFailed;
  switch (INGOT_STATUS_CODE(status)) {
  case INGOT_UNSUPPORTED_CPU:
    code = exitMissing;
    break;
  case INGOT_NO_TOKENIZER:
  case INGOT_NO_CHAT_TEMPLATE:
    code = exitUnsupported;
    break;
  case INGOT_CANCELLED:
    code = exitInterrupted;
    break;
  }
  return fail(code, "cannot %s: %s", doing, ingot_status_string(status));
}

int needTokenizer(const ingot_model *model) {
  if (ingot_model_has_tokenizer(model))
    return exitDone;
  return fail(exitUnsupported, "model '%s' was compiled without a tokenizer",
              ingot_model_name(model));
}

} // namespace ingot::cli
