/* Asks the compiled SmolLM2 one question and prints the answer as it comes.
 *
 *   build/bin/ingot compile SmolLM2-135M-Instruct.Q4_1.gguf -o build/smollm2 --name smollm2
 *   clang-22 -Iruntime/include -Ibuild/smollm2 examples/hello/hello.c build/smollm2/libsmollm2.a \
 *     -lm -lpthread -o build/hello */
#include "ingot/ingot.h"
#include "smollm2.h"
#include <stdio.h>
#include <string.h>

struct printer {
  const ingot_model *model;
  ingot_detokenizer text; /* holds back a character until all its bytes are there */
};

static int print_token(void *user, int32_t token) {
  struct printer *printer = user;
  char text[256];
  size_t bytes = sizeof text;
  if (ingot_detokenizer_next(printer->model, &printer->text, token, text, &bytes) != INGOT_OK)
    return 1;
  fwrite(text, 1, bytes, stdout);
  return fflush(stdout);
}

int main(int argc, char **argv) {
  const ingot_model *model = ingot_model_smollm2();
  const char *question = argc > 1 ? argv[1] : "What do plants need to grow?";
  ingot_chat_message message = {INGOT_ROLE_USER, 0, question, strlen(question)};
  ingot_generate_options options = {.size = sizeof options, .max_tokens = 100};
  struct printer printer = {
      model, {.size = sizeof(ingot_detokenizer), .flags = INGOT_DETOKENIZE_SKIP_SPECIAL}};
  ingot_session *session = NULL;
  int32_t ids[2048];
  size_t count = 2048;
  ingot_status status = ingot_chat_render(model, &message, 1, 1, ids, &count);
  if (status == INGOT_OK)
    status = ingot_session_create(model, NULL, NULL, 0, &session);
  if (status == INGOT_OK)
    status = ingot_session_prefill(session, ids, count);
  if (status == INGOT_OK)
    status = ingot_session_generate(session, &options, print_token, &printer);
  ingot_session_destroy(session);
  if (status != INGOT_OK)
    return fprintf(stderr, "hello: %s\n", ingot_status_string(status)), 1;
  return puts("") < 0;
}
