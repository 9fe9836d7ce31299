/* Two compiled models in one program, each with a session: the greedy ids of both, interleaved step
 * by step, so that a state shared by mistake would show. Usage: two_models STEPS */
#include "first.h"
#include "ingot/ingot.h"
#include "second.h"
#include <stdio.h>
#include <stdlib.h>

static int32_t argmax(const float *logits, size_t count) {
  size_t best = 0;
  for (size_t i = 1; i < count; ++i)
    if (logits[i] > logits[best])
      best = i;
  return (int32_t)best;
}

int main(int argc, char **argv) {
  int steps = argc > 1 ? atoi(argv[1]) : 0;
  const ingot_model *models[2] = {ingot_model_first(), ingot_model_second()};
  ingot_session *sessions[2];
  const int32_t prompt[3] = {1, 2, 3};
  for (int m = 0; m < 2; ++m) {
    ingot_status status = ingot_session_create(models[m], NULL, NULL, 0, &sessions[m]);
    if (status == INGOT_OK)
      status = ingot_session_prefill(sessions[m], prompt, 3);
    if (status != INGOT_OK)
      return fprintf(stderr, "%s\n", ingot_status_string(status)), 1;
  }
  for (int i = 0; i < steps; ++i)
    for (int m = 0; m < 2; ++m) {
      const float *logits;
      size_t count;
      if (ingot_session_logits(sessions[m], &logits, &count) != INGOT_OK)
        return 1;
      int32_t token = argmax(logits, count);
      printf("%d %d\n", m, token);
      if (ingot_session_decode(sessions[m], token) != INGOT_OK)
        return 1;
    }
  ingot_session_destroy(sessions[0]);
  ingot_session_destroy(sessions[1]);
  return 0;
}
