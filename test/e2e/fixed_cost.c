/* fixed_cost N: feeds 4 tokens, then generates N greedily with one thread. Run under
 * callgrind for two N; the difference is what tokens cost. */
#include "ingot/ingot.h"
#include "tiny.h"
#include <stdio.h>
#include <stdlib.h>

#define CHECK(call)                                                                                \
  do {                                                                                             \
    ingot_status status_ = (call);                                                                 \
    if (status_ != INGOT_OK) {                                                                     \
      fprintf(stderr, "%s: %s\n", #call, ingot_status_string(status_));                            \
      return 1;                                                                                    \
    }                                                                                              \
  } while (0)

int main(int argc, char **argv) {
  if (argc < 2)
    return 2;
  ingot_session_options options = {.size = sizeof options, .threads = 1};
  ingot_generate_options how = {.size = sizeof how, .ignore_eos = 1};
  how.max_tokens = (uint32_t)atoi(argv[1]);
  ingot_session *session;
  CHECK(ingot_session_create(ingot_model_tiny(), &options, NULL, 0, &session));
  const int32_t ids[4] = {5, 6, 7, 8};
  CHECK(ingot_session_prefill(session, ids, 4));
  CHECK(ingot_session_generate(session, &how, NULL, NULL));
  ingot_session_destroy(session);
  return 0;
}
