// Making and describing sessions, and every way of misusing the API that can be told.
#include "test/runtime/FakeModel.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>
#include <set>
#include <string>

namespace {

using fake::prompt;
using fake::Session;

ingot_status tryCreate(const ingot_session_options &options,
                       const ingot_model *model = fake::model()) {
  ingot_session *s = reinterpret_cast<ingot_session *>(1);
  ingot_status status = ingot_session_create(model, &options, nullptr, 0, &s);
  EXPECT_EQ(status == INGOT_OK, s != nullptr);
  if (status == INGOT_OK)
    ingot_session_destroy(s);
  size_t bytes = 0, alignment = 0;
  ingot_status sized = ingot_session_size(model, &options, &bytes, &alignment);
  if (status != INGOT_WEIGHTS_MISSING && status != INGOT_WEIGHTS_MISMATCH &&
      options.weights == nullptr && options.weights_bytes == 0 && options.weights_of == nullptr &&
      status != INGOT_OUT_OF_MEMORY) {
    EXPECT_EQ(sized, status);
  }
  return status;
}

TEST(Session, Defaults) {
  ingot_session *s = nullptr;
  ASSERT_EQ(ingot_session_create(fake::model(), nullptr, nullptr, 0, &s), INGOT_OK);
  ingot_session_info info;
  info.size = sizeof info;
  ASSERT_EQ(ingot_session_get_info(s, &info), INGOT_OK);
  EXPECT_EQ(info.size, sizeof info);
  EXPECT_GE(info.threads, 1u);
  EXPECT_EQ(info.context, fake::context);
  EXPECT_EQ(info.prefill_chunk, fake::chunk);
  EXPECT_STREQ(info.level, "plain");                              // the first that is usable
  EXPECT_EQ(info.kv_bytes, 256u * fake::streams * sizeof(float)); // capacity in whole blocks
  size_t bytes = 0, alignment = 0;
  ASSERT_EQ(ingot_session_size(fake::model(), nullptr, &bytes, &alignment), INGOT_OK);
  EXPECT_EQ(info.memory_bytes, bytes);
  EXPECT_EQ(ingot_session_position(s), 0u);
  ingot_session_destroy(s);
}

TEST(Session, OptionsAreChecked) {
  ingot_session_options o = {};
  EXPECT_EQ(tryCreate(o), INGOT_OK);
  auto with = [](auto edit) {
    ingot_session_options options = {};
    options.size = sizeof options;
    edit(options);
    return tryCreate(options);
  };
  EXPECT_EQ(with([](auto &x) { x.size = 3; }), INGOT_INVALID_ARGUMENT);
  EXPECT_EQ(with([](auto &x) { x.size = 8; }), INGOT_OK);
  EXPECT_EQ(with([](auto &x) { x.context = fake::context + 1; }), INGOT_INVALID_ARGUMENT);
  EXPECT_EQ(with([](auto &x) { x.context = 1; }), INGOT_OK);
  EXPECT_EQ(with([](auto &x) { x.threads = 257; }), INGOT_INVALID_ARGUMENT);
  EXPECT_EQ(with([](auto &x) { x.prefill_chunk = 513; }), INGOT_INVALID_ARGUMENT);
  EXPECT_EQ(with([](auto &x) { x.prefill_chunk = 512; }), INGOT_OK);
  EXPECT_EQ(with([](auto &x) { x.max_lookup = 65; }), INGOT_INVALID_ARGUMENT);
  EXPECT_EQ(with([](auto &x) { x.max_lookup = fake::chunk; }), INGOT_INVALID_ARGUMENT);
  EXPECT_EQ(with([](auto &x) { x.max_lookup = fake::chunk - 1; }), INGOT_OK);
  EXPECT_EQ(with([](auto &x) { x.cpu_count = 2; }), INGOT_INVALID_ARGUMENT);
  EXPECT_EQ(with([](auto &x) { x.level = "small"; }), INGOT_OK);
  EXPECT_EQ(with([](auto &x) { x.level = "wishful"; }), INGOT_UNSUPPORTED_CPU);
  EXPECT_EQ(with([](auto &x) { x.level = "plai"; }), INGOT_INVALID_ARGUMENT);
  EXPECT_EQ(tryCreate(o, fake::alienModel()), INGOT_UNSUPPORTED_CPU);
  EXPECT_EQ(tryCreate(o, fake::oldModel()), INGOT_INCOMPATIBLE);
  EXPECT_EQ(tryCreate(o, nullptr), INGOT_INVALID_ARGUMENT);
  EXPECT_EQ(tryCreate(o, fake::hugeModel()), INGOT_OUT_OF_MEMORY);
  EXPECT_EQ(tryCreate(o, fake::endlessModel()), INGOT_OUT_OF_MEMORY);
}

TEST(Session, StructsOfOtherVersions) {
  struct {
    ingot_session_options known;
    uint64_t later[2];
  } newer = {};
  newer.known.size = sizeof newer;
  EXPECT_EQ(tryCreate(newer.known), INGOT_OK);
  newer.later[1] = 1; // an option this library does not know
  EXPECT_EQ(tryCreate(newer.known), INGOT_INVALID_ARGUMENT);
  ingot_session_options sizeless = {};
  sizeless.context = 64; // `size` 0 is the first version of the struct, not "ignore me"
  Session s(sizeless);
  ingot_session_info info = {};
  info.size = sizeof info;
  ASSERT_EQ(ingot_session_get_info(s, &info), INGOT_OK);
  EXPECT_EQ(info.context, 64u);
  ingot_session_info part = {};
  part.size = 8;
  part.context = 123;
  ASSERT_EQ(ingot_session_get_info(s, &part), INGOT_OK);
  EXPECT_NE(part.threads, 0u);
  EXPECT_EQ(part.context, 123u); // beyond what the caller said it has
}

TEST(Session, MemoryOfTheCaller) {
  size_t bytes = 0, alignment = 0;
  ingot_session_options o = {};
  o.threads = 1;
  ASSERT_EQ(ingot_session_size(fake::model(), &o, &bytes, &alignment), INGOT_OK);
  std::vector<uint8_t> memory(bytes + 2 * alignment);
  uintptr_t from = reinterpret_cast<uintptr_t>(memory.data());
  uint8_t *at = memory.data() + (alignment - from % alignment) % alignment;
  ingot_session *s = nullptr;
  EXPECT_EQ(ingot_session_create(fake::model(), &o, at + 1, bytes, &s), INGOT_INVALID_ARGUMENT);
  EXPECT_EQ(ingot_session_create(fake::model(), &o, at, bytes - 1, &s), INGOT_BUFFER_TOO_SMALL);
  EXPECT_EQ(ingot_session_create(fake::model(), &o, nullptr, bytes, &s), INGOT_INVALID_ARGUMENT);
  EXPECT_EQ(ingot_session_create(fake::model(), &o, at, bytes, &s), INGOT_OK);
  ingot_session_destroy(s);
}

TEST(Session, SidecarWeights) {
  ingot_session_options o = {};
  o.threads = 1;
  const ingot_model *model = fake::sidecarModel();
  EXPECT_EQ(tryCreate(o, model), INGOT_WEIGHTS_MISSING);
  o.weights = fake::weights();
  EXPECT_EQ(tryCreate(o, model), INGOT_WEIGHTS_MISMATCH);
  o.weights_bytes = fake::weightsBytes();
  EXPECT_EQ(tryCreate(o, fake::model()), INGOT_INVALID_ARGUMENT); // it has its own
  o.weights = fake::weights() + 64;
  EXPECT_EQ(tryCreate(o, model), INGOT_INVALID_ARGUMENT);
  std::vector<uint8_t> copy(fake::weightsBytes() + 4096);
  uint8_t *at = copy.data() + (4096 - reinterpret_cast<uintptr_t>(copy.data()) % 4096) % 4096;
  std::memcpy(at, fake::weights(), fake::weightsBytes());
  o.weights = at;
  at[fake::weightsBytes() - 1] ^= 1;
  EXPECT_EQ(tryCreate(o, model), INGOT_WEIGHTS_MISMATCH);
  at[fake::weightsBytes() - 1] ^= 1;

  Session first(o, model), embedded(1);
  ingot_session_options shared = {};
  shared.weights_of = first;
  EXPECT_EQ(tryCreate(shared, fake::otherModel()), INGOT_INVALID_ARGUMENT);
  Session second(shared, model);
  std::vector<int32_t> ids = prompt(20);
  for (ingot_session *s : {first.get, second.get, embedded.get})
    ASSERT_EQ(ingot_session_prefill(s, ids.data(), ids.size()), INGOT_OK);
  EXPECT_EQ(first.logits(), embedded.logits());
  EXPECT_EQ(second.logits(), embedded.logits());
}

TEST(Session, CopiedWeights) {
  ingot_session_options o = {};
  o.size = sizeof o;
  o.reserved = 1;
  EXPECT_EQ(tryCreate(o, fake::model()), INGOT_INVALID_ARGUMENT);
  o.reserved = 0;
  size_t plain = 0, copied = 0, alignment = 0;
  ASSERT_EQ(ingot_session_size(fake::model(), &o, &plain, &alignment), INGOT_OK);
  o.copy_weights = 1;
  ASSERT_EQ(ingot_session_size(fake::model(), &o, &copied, &alignment), INGOT_OK);
  EXPECT_GE(copied, plain + fake::weightsBytes());

  std::vector<int32_t> ids = prompt(20);
  Session embedded(1);
  ASSERT_EQ(ingot_session_prefill(embedded, ids.data(), ids.size()), INGOT_OK);
  for (uint32_t threads : {1u, 3u}) {
    o.threads = threads;
    Session own(o, fake::model());
    ASSERT_EQ(ingot_session_prefill(own, ids.data(), ids.size()), INGOT_OK);
    EXPECT_EQ(own.logits(), embedded.logits());
  }
  // In the caller's memory, wherever it lies.
  o.threads = 0;
  std::vector<uint8_t> memory(copied + 2 * alignment, 0xa5);
  uint8_t *at = memory.data() + alignment - reinterpret_cast<uintptr_t>(memory.data()) % alignment;
  ingot_session *s = nullptr;
  ASSERT_EQ(ingot_session_create(fake::model(), &o, at, copied, &s), INGOT_OK);
  ASSERT_EQ(ingot_session_prefill(s, ids.data(), ids.size()), INGOT_OK);
  const float *logits = nullptr;
  size_t count = 0;
  ASSERT_EQ(ingot_session_logits(s, &logits, &count), INGOT_OK);
  EXPECT_EQ(std::vector<float>(logits, logits + count), embedded.logits());
  ingot_session_destroy(s);
}

TEST(Session, NullIsAnError) {
  size_t n = 0;
  const float *logits = nullptr;
  ingot_session *s = nullptr;
  ingot_session_info info = {};
  ingot_session_destroy(nullptr);
  ingot_session_cancel(nullptr);
  ingot_team_destroy(nullptr);
  EXPECT_EQ(ingot_session_size(nullptr, nullptr, &n, &n), INGOT_INVALID_ARGUMENT);
  EXPECT_EQ(ingot_session_size(fake::model(), nullptr, nullptr, &n), INGOT_INVALID_ARGUMENT);
  EXPECT_EQ(ingot_session_size(fake::model(), nullptr, &n, nullptr), INGOT_INVALID_ARGUMENT);
  EXPECT_EQ(ingot_session_create(fake::model(), nullptr, nullptr, 0, nullptr),
            INGOT_INVALID_ARGUMENT);
  EXPECT_EQ(ingot_session_create(nullptr, nullptr, nullptr, 0, &s), INGOT_INVALID_ARGUMENT);
  EXPECT_EQ(ingot_session_decode(nullptr, 0), INGOT_INVALID_ARGUMENT);
  EXPECT_EQ(ingot_session_logits(nullptr, &logits, &n), INGOT_INVALID_ARGUMENT);
  EXPECT_EQ(ingot_session_rewind(nullptr, 0), INGOT_INVALID_ARGUMENT);
  EXPECT_EQ(ingot_session_save(nullptr, nullptr, nullptr), INGOT_INVALID_ARGUMENT);
  EXPECT_EQ(ingot_session_load(nullptr, nullptr, nullptr), INGOT_INVALID_ARGUMENT);
  EXPECT_EQ(ingot_session_generate(nullptr, nullptr, nullptr, nullptr), INGOT_INVALID_ARGUMENT);
  EXPECT_EQ(ingot_session_get_info(nullptr, &info), INGOT_INVALID_ARGUMENT);
  EXPECT_EQ(ingot_session_position(nullptr), 0u);
  EXPECT_EQ(ingot_session_tokens(nullptr), nullptr);
  Session live(1);
  EXPECT_EQ(ingot_session_get_info(live, nullptr), INGOT_INVALID_ARGUMENT);
  EXPECT_EQ(ingot_session_get_info(live, &info), INGOT_INVALID_ARGUMENT); // its size is 0
  EXPECT_EQ(ingot_session_logits(live, nullptr, &n), INGOT_INVALID_ARGUMENT);
  EXPECT_EQ(ingot_session_logits(live, &logits, &n), INGOT_NO_LOGITS);
  EXPECT_EQ(ingot_session_save(live, nullptr, nullptr), INGOT_INVALID_ARGUMENT);
  EXPECT_EQ(ingot_session_load(live, nullptr, nullptr), INGOT_INVALID_ARGUMENT);
}

TEST(Model, Getters) {
  const ingot_model *m = fake::model();
  EXPECT_STREQ(ingot_model_name(m), "fake");
  EXPECT_STREQ(ingot_model_target(m), "test");
  EXPECT_STREQ(ingot_model_banner(m), "by hand");
  EXPECT_EQ(ingot_model_vocab_size(m), fake::vocab);
  EXPECT_EQ(ingot_model_max_context(m), fake::context);
  EXPECT_EQ(ingot_model_weights(m), fake::weights());
  EXPECT_EQ(ingot_model_weights(fake::sidecarModel()), nullptr);
  EXPECT_EQ(ingot_model_weights_bytes(m), fake::weightsBytes());
  size_t count = 0;
  ASSERT_NE(ingot_model_eos(m, &count), nullptr);
  EXPECT_EQ(count, 2u);
  EXPECT_TRUE(ingot_model_is_eos(m, fake::eos) && ingot_model_is_eos(m, 96));
  EXPECT_FALSE(ingot_model_is_eos(m, 7) || ingot_model_is_eos(m, -1));
  EXPECT_EQ(ingot_model_bos(m), 1);
  EXPECT_EQ(ingot_model_level_count(m), 3u);
  EXPECT_STREQ(ingot_model_level_name(m, 0), "wishful");
  EXPECT_EQ(ingot_model_level_name(m, 3), nullptr);
  EXPECT_FALSE(ingot_model_level_usable(m, 0) || ingot_model_level_usable(m, 3));
  EXPECT_TRUE(ingot_model_level_usable(m, 1));
  EXPECT_FALSE(ingot_model_has_tokenizer(m) || ingot_model_has_chat(m) || ingot_model_add_bos(m));
  for (auto text : {ingot_model_name, ingot_model_target, ingot_model_banner})
    EXPECT_STREQ(text(nullptr), "");
  for (auto number : {ingot_model_vocab_size, ingot_model_hidden_size, ingot_model_block_count,
                      ingot_model_run_count, ingot_model_max_context,
                      ingot_model_kv_bytes_per_position, ingot_model_level_count}) {
    EXPECT_EQ(number(nullptr), 0u);
    EXPECT_GT(number(m), 0u);
  }
  for (auto number : {ingot_model_weights_bytes, ingot_model_weights_read_per_token}) {
    EXPECT_EQ(number(nullptr), 0u);
    EXPECT_GT(number(m), 0u);
  }
  for (auto question : {ingot_model_add_bos, ingot_model_has_tokenizer, ingot_model_has_chat})
    EXPECT_EQ(question(nullptr), 0);
  EXPECT_EQ(ingot_model_weights(nullptr), nullptr);
  EXPECT_EQ(ingot_model_is_eos(nullptr, 5), 0);
  EXPECT_EQ(ingot_model_level_name(nullptr, 0), nullptr);
  EXPECT_EQ(ingot_model_bos(nullptr), -1);
  EXPECT_EQ(ingot_model_eos(nullptr, &count), nullptr);
  EXPECT_EQ(count, 0u);
  EXPECT_EQ(ingot_model_eos(m, nullptr), nullptr);
}

TEST(Status, EveryCodeHasItsSentence) {
  std::set<std::string> texts;
  for (ingot_status status = INGOT_OK; status <= INGOT_INVALID_CHAT; ++status)
    texts.insert(ingot_status_string(status));
  for (ingot_status status :
       {INGOT_BAD_STATE_FORMAT, INGOT_BAD_STATE_MODEL, INGOT_BAD_STATE_CHECKSUM}) {
    EXPECT_EQ(INGOT_STATUS_CODE(status), INGOT_BAD_STATE);
    texts.insert(ingot_status_string(status));
  }
  EXPECT_EQ(texts.size(), size_t(INGOT_INVALID_CHAT + 1 + 3));
  EXPECT_FALSE(texts.count(ingot_status_string(200)));
  EXPECT_NE(ingot_status_string(-1), nullptr);
  EXPECT_EQ(ingot_version(), uint32_t(INGOT_VERSION));
}

TEST(Session, ErrnoIsLeftAlone) {
  errno = 1234;
  {
    Session s(3);
    std::vector<int32_t> ids = prompt(40);
    ASSERT_EQ(ingot_session_prefill(s, ids.data(), ids.size()), INGOT_OK);
    for (int i = 0; i < 50; ++i)
      ASSERT_EQ(ingot_session_decode(s, i), INGOT_OK);
  }
  EXPECT_EQ(errno, 1234);
}

} // namespace
