// Generation: choose, report, feed.
#include "runtime/src/Lookup.h"
#include "runtime/src/Memory.h"
#include "runtime/src/Options.h"
#include "runtime/src/Session.h"

using namespace ingot;

namespace {

constexpr uint32_t defaultRepeatWindow = 64;
constexpr float largestFloat = 3.40282347e+38f;

// False for NaN, too.
bool inRange(float x, float low, float high) noexcept { return x >= low && x <= high; }

ingot_status checkOptions(const ingot_session &session, const ingot_generate_options &o,
                          SamplerOptions &sampler) noexcept {
  if (!inRange(o.temperature, 0, largestFloat) || !inRange(o.top_p, 0, 1) ||
      !inRange(o.min_p, 0, 1) || !inRange(o.repeat_penalty, 0, largestFloat) ||
      o.lookup > session.maxLookup || o.ignore_eos > 1)
    return INGOT_INVALID_ARGUMENT;
  sampler.temperature = o.temperature;
  sampler.topK = o.top_k;
  sampler.topP = o.top_p == 0 ? 1 : o.top_p;
  sampler.minP = o.min_p;
  sampler.repeatPenalty = o.repeat_penalty == 0 ? 1 : o.repeat_penalty;
  sampler.repeatWindow = o.repeat_window == 0 ? defaultRepeatWindow : o.repeat_window;
  sampler.seed = o.seed;
  return INGOT_OK;
}

class Generation {
public:
  Generation(ingot_session &session, const ingot_generate_options &options,
             const SamplerOptions &sampler, ingot_generate_result &result) noexcept
      : s(session), options(options), sampler(sampler), result(result) {}

  ingot_status run(ingot_token_callback callback, void *user) noexcept {
    const uint64_t limit = options.max_tokens != 0 ? options.max_tokens : UINT64_MAX;
    bool asked = false; // by the callback, to stop
    for (;;) {
      if (s.takeCancel())
        return stop(INGOT_STOP_CANCEL, INGOT_CANCELLED);
      if (asked)
        return stop(INGOT_STOP_CALLBACK, INGOT_OK);
      if (result.tokens == limit)
        return stop(INGOT_STOP_COUNT, INGOT_OK);
      uint32_t position = s.position.loadRelaxed();
      if (position == s.context)
        return stop(INGOT_STOP_CONTEXT, INGOT_OK);

      int32_t token = chooseToken(s.currentLogits(), s.model->vocab_size, sampler, s.tokens,
                                  position, s.sampler);
      if (options.ignore_eos == 0 && ingot_model_is_eos(s.model, token)) {
        result.end_token = token;
        return stop(INGOT_STOP_EOS, INGOT_OK);
      }
      ++result.tokens;
      asked = callback != nullptr && callback(user, token) != 0;
      take(token, asked ? 0 : limit - result.tokens);
    }
  }

private:
  ingot_status stop(uint32_t reason, ingot_status status) noexcept {
    result.stop = reason;
    return status;
  }

  // Feeds `token`; `wanted` more tokens may follow. The rows of a step that were drafted have been
  // fed already, behind the position: when the draft was right, the position only moves over one of
  // them. When it was wrong, the next step overwrites them, and nothing else ever reads there.
  void take(int32_t token, uint64_t wanted) noexcept {
    uint32_t position = s.position.loadRelaxed();
    if (ahead > 0 && s.tokens[position] == token) {
      --ahead;
      ++result.accepted;
      s.position.storeRelaxed(position + 1);
      s.logitsRow.storeRelaxed(s.logitsRow.loadRelaxed() + 1);
      return;
    }
    uint32_t room = s.context - position - 1;
    uint32_t most = options.lookup < room ? options.lookup : room;
    s.tokens[position] = token;
    drafter.judge(drafted, drafted - ahead);
    drafted = ahead =
        drafter.draft(s.tokens, position + 1, wanted < most ? static_cast<uint32_t>(wanted) : most);
    runStep(s, 1 + ahead, 0, s.logits);
    s.position.storeRelaxed(position + 1);
    s.logitsRow.storeRelaxed(0);
    ++result.steps;
    result.drafted += ahead;
  }

  ingot_session &s;
  const ingot_generate_options &options;
  const SamplerOptions &sampler;
  ingot_generate_result &result;
  Drafter drafter;
  uint32_t drafted = 0; // tokens of the last step that were a draft
  uint32_t ahead = 0;   // those of them behind the position, which were fed and have logits
};

ingot_status generate(ingot_session *session, const ingot_generate_options &options,
                      ingot_generate_result &result, ingot_token_callback callback,
                      void *user) noexcept {
  SessionCall call(session);
  if (call.status != INGOT_OK)
    return call.status;
  SamplerOptions sampler;
  if (ingot_status status = checkOptions(*session, options, sampler))
    return status;
  if (session->logitsRow.loadRelaxed() < 0)
    return INGOT_NO_LOGITS;
  return Generation(*session, options, sampler, result).run(callback, user);
}

} // namespace

ingot_status ingot_session_generate(ingot_session *session, const ingot_generate_options *given,
                                    ingot_token_callback callback, void *user) {
  ingot_generate_options options;
  if (ingot_status status = readOptions(given, generateOptionsV1Bytes, &options, sizeof options))
    return status;
  uint32_t room = sizeof(ingot_generate_result);
  if (options.result != nullptr) {
    room = options.result->size;
    if (room < sizeof room)
      return INGOT_INVALID_ARGUMENT;
  }
  ingot_generate_result result = {};
  result.end_token = -1;
  ingot_status status = generate(session, options, result, callback, user);
  if (options.result != nullptr) {
    clearBytes(options.result, room);
    copyBytes(options.result, &result, room < sizeof result ? room : sizeof result);
    options.result->size = room;
  }
  return status;
}
