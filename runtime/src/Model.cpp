// Getters of the constant model. Null answers with nothing, as ingot.h promises.
#include "ingot/abi.h"
#include "ingot/ingot.h"

const char *ingot_model_name(const ingot_model *model) { return model ? model->name : ""; }
const char *ingot_model_target(const ingot_model *model) { return model ? model->target : ""; }
const char *ingot_model_banner(const ingot_model *model) { return model ? model->banner : ""; }

uint32_t ingot_model_vocab_size(const ingot_model *model) { return model ? model->vocab_size : 0; }
uint32_t ingot_model_hidden_size(const ingot_model *model) {
  return model ? model->hidden_size : 0;
}
uint32_t ingot_model_block_count(const ingot_model *model) {
  return model ? model->block_count : 0;
}
uint32_t ingot_model_run_count(const ingot_model *model) { return model ? model->run_count : 0; }
uint32_t ingot_model_max_context(const ingot_model *model) {
  return model ? model->max_context : 0;
}
uint32_t ingot_model_kv_bytes_per_position(const ingot_model *model) {
  return model ? model->kv_bytes_per_position : 0;
}
uint64_t ingot_model_weights_bytes(const ingot_model *model) {
  return model ? model->weights_bytes : 0;
}
uint64_t ingot_model_weights_read_per_token(const ingot_model *model) {
  return model ? model->weights_read_per_token : 0;
}
const void *ingot_model_weights(const ingot_model *model) {
  return model ? model->weights : nullptr;
}

const int32_t *ingot_model_eos(const ingot_model *model, size_t *count) {
  if (count == nullptr)
    return nullptr;
  *count = model ? model->eos_count : 0;
  return model ? model->eos : nullptr;
}
int ingot_model_is_eos(const ingot_model *model, int32_t token) {
  for (uint32_t i = 0; model != nullptr && i < model->eos_count; ++i)
    if (model->eos[i] == token)
      return 1;
  return 0;
}
int32_t ingot_model_bos(const ingot_model *model) { return model ? model->bos : -1; }
int ingot_model_add_bos(const ingot_model *model) { return model ? model->add_bos != 0 : 0; }
int ingot_model_has_tokenizer(const ingot_model *model) {
  return model != nullptr && model->tokenizer != nullptr;
}
int ingot_model_has_chat(const ingot_model *model) {
  return model != nullptr && model->chat != nullptr;
}

uint32_t ingot_model_level_count(const ingot_model *model) {
  return model ? model->level_count : 0;
}
const char *ingot_model_level_name(const ingot_model *model, uint32_t level) {
  return level < ingot_model_level_count(model) ? model->levels[level].name : nullptr;
}
int ingot_model_level_usable(const ingot_model *model, uint32_t level) {
  return level < ingot_model_level_count(model) && model->levels[level].usable() != 0;
}
