/* One text through the C API in three ways, the logits of each to stdout as floats: prefill in
 * pieces and decode the rest; the same behind a rewind to the middle; every token decoded.
 * Usage: session_mix PIECE[,PIECE...] ID... Each way writes its last rows: one a token that was
 * decoded or that ended a piece. */
#include "ingot/ingot.h"
#include "model.h"
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

static int write_row(ingot_session *session) {
  const float *logits;
  size_t count;
  CHECK(ingot_session_logits(session, &logits, &count));
  return fwrite(logits, sizeof(float), count, stdout) != count;
}

/* Feeds ids[from..count): pieces of `pieces` first, then token by token. */
static int feed(ingot_session *session, const int32_t *ids, size_t from, size_t count,
                const char *pieces) {
  while (from < count) {
    size_t piece = (size_t)strtol(pieces, (char **)&pieces, 10);
    pieces += *pieces == ',';
    if (piece > 0)
      CHECK(ingot_session_prefill(session, ids + from, piece));
    else
      CHECK(ingot_session_decode(session, ids[from]));
    from += piece > 0 ? piece : 1;
    if (write_row(session))
      return 1;
  }
  return 0;
}

int main(int argc, char **argv) {
  if (argc < 3)
    return 2;
  size_t count = (size_t)argc - 2;
  int32_t *ids = malloc(count * sizeof *ids);
  for (size_t i = 0; i < count; ++i)
    ids[i] = (int32_t)atoi(argv[i + 2]);
  ingot_session_options options = {.size = sizeof options, .threads = 2};
  ingot_session *session;
  CHECK(ingot_session_create(ingot_model(), &options, NULL, 0, &session));
  if (feed(session, ids, 0, count, argv[1]))
    return 1;
  CHECK(ingot_session_rewind(session, count / 2));
  if (feed(session, ids, count / 2, count, ""))
    return 1;
  CHECK(ingot_session_rewind(session, 0));
  if (feed(session, ids, 0, count, ""))
    return 1;
  ingot_session_destroy(session);
  free(ids);
  return 0;
}
