// Saved state: header, tokens, logits, the used blocks of the KV cache, and a SHA-256 over all
// that.
//
// The header is the only thing whose meaning the reader has to find out, and it may only say what
// the session knows already: every size must equal the compiled one, and the token count is
// compared with the context before anything is read into place.
#include "runtime/src/Memory.h"
#include "runtime/src/Session.h"
#include "runtime/src/Sha256.h"

using namespace ingot;

namespace {

constexpr uint64_t stateMagic = 0x0a3165746174736e; // "nstate1\n"
// Raised with every change of what lies where in the KV cache, which no size shows.
constexpr uint32_t stateVersion = 2;

struct StateHeader {
  uint64_t magic;
  uint32_t version;
  uint32_t headerBytes;
  uint64_t modelHash[4];
  uint32_t vocabSize;
  uint32_t kvBytesPerPosition;
  uint32_t kvStreams;
  uint32_t kvCapacity; // 0 where the cache is cut into blocks: then it does not matter
  uint32_t position;
  uint32_t hasLogits;
};
static_assert(sizeof(StateHeader) == 72, "the format has no padding");

StateHeader describe(const ingot_session &s) noexcept {
  StateHeader h;
  h.magic = stateMagic;
  h.version = stateVersion;
  h.headerBytes = sizeof h;
  copyBytes(h.modelHash, s.model->model_hash, sizeof h.modelHash);
  h.vocabSize = s.model->vocab_size;
  h.kvBytesPerPosition = s.model->kv_bytes_per_position;
  h.kvStreams = s.model->kv_streams;
  h.kvCapacity = s.model->kv_streams != 0 ? 0 : s.kvCapacity;
  h.position = s.position.loadRelaxed();
  h.hasLogits = s.logitsRow.loadRelaxed() >= 0;
  return h;
}

ingot_status compare(const StateHeader &h, const ingot_session &s) noexcept {
  const StateHeader own = describe(s);
  if (h.magic != own.magic || h.version != own.version || h.headerBytes != own.headerBytes)
    return INGOT_BAD_STATE_FORMAT;
  for (int i = 0; i < 4; ++i)
    if (h.modelHash[i] != own.modelHash[i])
      return INGOT_BAD_STATE_MODEL;
  if (h.vocabSize != own.vocabSize || h.kvBytesPerPosition != own.kvBytesPerPosition ||
      h.kvStreams != own.kvStreams || h.kvCapacity != own.kvCapacity)
    return INGOT_BAD_STATE_MODEL;
  if (h.hasLogits > 1 || (h.hasLogits == 1 && h.position == 0))
    return INGOT_BAD_STATE_FORMAT;
  return h.position <= s.context ? INGOT_OK : INGOT_CONTEXT_FULL;
}

// The pieces behind the header, in order: visit(data, bytes) -> bool.
template <typename Visit>
bool visitPieces(ingot_session &s, const StateHeader &h, float *logits, Visit visit) noexcept {
  if (h.position == 0)
    return true;
  if (!visit(s.tokens, h.position * sizeof(int32_t)))
    return false;
  if (h.hasLogits != 0 && !visit(logits, h.vocabSize * sizeof(float)))
    return false;
  if (h.kvStreams == 0)
    return visit(s.kv, static_cast<size_t>(s.info.kv_bytes));
  size_t streamBytes = s.info.kv_bytes / h.kvStreams;
  size_t used = ((h.position - 1) / positionsPerBlock + 1) * (streamBytes / s.kvBlocks());
  for (uint32_t stream = 0; stream < h.kvStreams; ++stream)
    if (!visit(s.kv + stream * streamBytes, used))
      return false;
  return true;
}

ingot_status loadInto(ingot_session &s, ingot_read_callback read, void *user) noexcept {
  StateHeader header;
  if (read(user, &header, sizeof header) != 0)
    return INGOT_IO_ERROR;
  if (ingot_status status = compare(header, s))
    return status;
  Sha256 hash;
  hash.update(&header, sizeof header);
  bool whole = visitPieces(s, header, s.logits, [&](void *data, size_t bytes) {
    if (read(user, data, bytes) != 0)
      return false;
    hash.update(data, bytes);
    return true;
  });
  uint64_t expected[4], found[4];
  if (!whole || read(user, expected, sizeof expected) != 0)
    return INGOT_IO_ERROR;
  hash.finish(found);
  for (int i = 0; i < 4; ++i)
    if (found[i] != expected[i])
      return INGOT_BAD_STATE_CHECKSUM;
  for (uint32_t i = 0; i < header.position; ++i)
    if (s.tokens[i] < 0 || static_cast<uint32_t>(s.tokens[i]) >= header.vocabSize)
      return INGOT_BAD_STATE_FORMAT;

  uint32_t blocks = (header.position + positionsPerBlock - 1) / positionsPerBlock;
  if (s.kvCleanBlocks < blocks)
    s.kvCleanBlocks = blocks;
  s.position.storeRelaxed(header.position);
  s.logitsRow.storeRelaxed(header.hasLogits != 0 ? 0 : -1);
  return INGOT_OK;
}

} // namespace

ingot_status ingot_session_save(const ingot_session *session, ingot_write_callback write,
                                void *user) {
  SessionCall call(session);
  if (call.status != INGOT_OK)
    return call.status;
  if (write == nullptr)
    return INGOT_INVALID_ARGUMENT;
  ingot_session &s = const_cast<ingot_session &>(*session); // its pieces are only read
  const StateHeader header = describe(s);
  Sha256 hash;
  auto put = [&](const void *data, size_t bytes) {
    hash.update(data, bytes);
    return write(user, data, bytes) == 0;
  };
  float *logits = header.hasLogits != 0 ? const_cast<float *>(s.currentLogits()) : nullptr;
  if (!put(&header, sizeof header) || !visitPieces(s, header, logits, put))
    return INGOT_IO_ERROR;
  uint64_t digest[4];
  hash.finish(digest);
  return write(user, digest, sizeof digest) == 0 ? INGOT_OK : INGOT_IO_ERROR;
}

ingot_status ingot_session_load(ingot_session *session, ingot_read_callback read, void *user) {
  SessionCall call(session);
  if (call.status != INGOT_OK)
    return call.status;
  if (read == nullptr)
    return INGOT_INVALID_ARGUMENT;
  session->position.storeRelaxed(0);
  session->logitsRow.storeRelaxed(-1);
  ingot_status status = loadInto(*session, read, user);
  if (status != INGOT_OK)
    session->kvCleanBlocks = 0; // half of it may be anything now
  return status;
}
