#include "test/compiler/import/TestFiles.h"

#include "compiler/import/ImportError.h"
#include "compiler/import/TensorNames.h"

#include "llvm/Support/raw_ostream.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

using namespace ingot;
using namespace ingot::test;
using llvm::StringRef;

TempFolder::TempFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "ingot-import-XXXXXX").string();
  folder = std::filesystem::canonical(::mkdtemp(pattern.data())).string();
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
}

std::string TempFolder::write(StringRef name, StringRef bytes) const {
  std::string path = file(name);
  std::ofstream(path, std::ios::binary).write(bytes.data(), std::streamsize(bytes.size()));
  return path;
}

std::string test::textOf(llvm::Error error, const TempFolder &folder) {
  if (!error)
    return "success";
  std::string text;
  llvm::raw_string_ostream os(text);
  reportImportError(std::move(error), os);
  std::string prefix = folder.path() + "/";
  for (size_t at; (at = text.find(prefix)) != std::string::npos;)
    text.erase(at, prefix.size());
  return StringRef(text).rtrim().str();
}

int test::exitOf(llvm::Error error) {
  return error ? reportImportError(std::move(error), llvm::nulls()) : 0;
}

std::string test::replaced(std::string text, StringRef from, StringRef to) {
  size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << "nothing to replace: " << from.str();
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

GgufWriter::GgufWriter(uint32_t version) : version(version) {}

void GgufWriter::number(std::string &out, uint64_t value, size_t width) {
  for (size_t i = 0; i < width; ++i)
    out += char(value >> (8 * i));
}

void GgufWriter::count(StringRef name, std::string &out, bool tensors, uint64_t value,
                       size_t width) {
  pending.push_back({{name.str(), out.size(), width}, tensors});
  number(out, value, width);
}

void GgufWriter::text(StringRef name, std::string &out, bool tensors, StringRef value) {
  count(name, out, tensors, value.size(), 8);
  out += value;
}

void GgufWriter::key(StringRef name, uint32_t type) {
  text(name.str() + " key length", keys, false, name);
  count(name.str() + " type", keys, false, type, 4);
  ++keyCount;
}

GgufWriter &GgufWriter::u32(StringRef name, uint32_t value) {
  key(name, 4);
  number(keys, value, 4);
  return *this;
}

GgufWriter &GgufWriter::i32(StringRef name, int32_t value) {
  key(name, 5);
  number(keys, uint32_t(value), 4);
  return *this;
}

GgufWriter &GgufWriter::f32(StringRef name, float value) {
  key(name, 6);
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  number(keys, bits, 4);
  return *this;
}

GgufWriter &GgufWriter::boolean(StringRef name, bool value) {
  key(name, 7);
  number(keys, value, 1);
  return *this;
}

GgufWriter &GgufWriter::string(StringRef name, StringRef value) {
  key(name, 8);
  text(name.str() + " value length", keys, false, value);
  return *this;
}

GgufWriter &GgufWriter::strings(StringRef name, const std::vector<std::string> &values) {
  key(name, 9);
  count(name.str() + " element type", keys, false, 8, 4);
  count(name.str() + " element count", keys, false, values.size(), 8);
  for (const std::string &value : values)
    text(name.str() + " element length", keys, false, value);
  return *this;
}

GgufWriter &GgufWriter::integers(StringRef name, const std::vector<int32_t> &values) {
  key(name, 9);
  count(name.str() + " element type", keys, false, 5, 4);
  count(name.str() + " element count", keys, false, values.size(), 8);
  for (int32_t value : values)
    number(keys, uint32_t(value), 4);
  return *this;
}

GgufWriter &GgufWriter::raw(StringRef name, uint32_t type, StringRef bytes) {
  key(name, type);
  keys += bytes;
  return *this;
}

GgufWriter &GgufWriter::tensor(StringRef name, std::vector<uint64_t> dims, uint32_t type,
                               StringRef bytes) {
  text(name.str() + " name length", list, true, name);
  count(name.str() + " rank", list, true, dims.size(), 4);
  for (uint64_t dim : dims)
    count(name.str() + " extent", list, true, dim, 8);
  count(name.str() + " type", list, true, type, 4);
  count(name.str() + " offset", list, true, data.size() + offsetError, 8);
  ++tensorCount;
  data += bytes;
  data.resize((data.size() + alignment - 1) / alignment * alignment);
  return *this;
}

std::string GgufWriter::finish() {
  std::string out = "GGUF";
  integersOfFile = {{"version", 4, 4}, {"tensor count", 8, 8}, {"key count", 16, 8}};
  number(out, version, 4);
  number(out, tensorCount, 8);
  number(out, keyCount, 8);
  for (const Pending &p : pending) {
    integersOfFile.push_back(p.field);
    integersOfFile.back().offset += out.size() + (p.tensors ? keys.size() : 0);
  }
  out += keys;
  out += list;
  if (tensorCount != 0)
    out.resize((out.size() + alignment - 1) / alignment * alignment);
  return out + data;
}

ArchSpec test::tinyArch(bool tied) {
  ArchSpec arch;
  arch.hiddenSize = 64;
  arch.intermediateSize = 96;
  arch.numLayers = 2;
  arch.numHeads = 4;
  arch.numKvHeads = 2;
  arch.headDim = 16;
  arch.vocabSize = 10;
  arch.maxContext = 128;
  arch.tieEmbeddings = tied;
  return arch;
}

/// Zeros, or ones for a norm, in F32.
static std::string tensorBytes(const ExpectedTensor &tensor, uint64_t &elements) {
  elements = 1;
  for (const ExpectedExtent &extent : tensor.extents)
    elements *= uint64_t(extent.value);
  std::string bytes(elements * 4, '\0');
  float one = 1;
  for (uint64_t i = 0; tensor.isNorm() && i < elements; ++i)
    std::memcpy(bytes.data() + i * 4, &one, 4);
  return bytes;
}

GgufWriter test::tinyGguf() {
  GgufWriter writer;
  writer.string("general.architecture", "llama")
      .u32("llama.block_count", 2)
      .u32("llama.context_length", 128)
      .u32("llama.embedding_length", 64)
      .u32("llama.feed_forward_length", 96)
      .u32("llama.attention.head_count", 4)
      .u32("llama.attention.head_count_kv", 2)
      .f32("llama.attention.layer_norm_rms_epsilon", 1e-5f)
      .f32("llama.rope.freq_base", 10000.0f)
      .string("tokenizer.ggml.model", "gpt2")
      .strings("tokenizer.ggml.tokens", {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"})
      .integers("tokenizer.ggml.token_type", {1, 1, 1, 1, 1, 1, 1, 1, 1, 1})
      .u32("tokenizer.ggml.bos_token_id", 1)
      .u32("tokenizer.ggml.eos_token_id", 2)
      .boolean("tokenizer.ggml.add_bos_token", true)
      .string("tokenizer.chat_template", "{{ messages }}");
  for (const ExpectedTensor &tensor : expectedTensors(tinyArch())) {
    std::vector<uint64_t> dims;
    for (const ExpectedExtent &extent : tensor.extents)
      dims.insert(dims.begin(), uint64_t(extent.value));
    uint64_t elements = 0;
    std::string bytes = tensorBytes(tensor, elements);
    bool quantised = StringRef(tensor.name).ends_with("up_proj.weight");
    if (quantised) // blocks of 32 with a scale of 1.0
      bytes = std::string();
    for (uint64_t block = 0; quantised && block < elements / 32; ++block)
      bytes += std::string("\x00\x3c", 2) + std::string(16, '\x88');
    writer.tensor(ggufFromCanonical(tensor.name), dims, quantised ? 2 : 0, bytes);
  }
  return writer;
}

std::string test::safetensors(StringRef header, StringRef data) {
  std::string out;
  for (size_t i = 0; i < 8; ++i)
    out += char(uint64_t(header.size()) >> (8 * i));
  return out + header.str() + data.str();
}

std::string test::tinySafetensors(bool tied) {
  std::string header = "{\"__metadata__\":{\"format\":\"pt\"}", data;
  for (const ExpectedTensor &tensor : expectedTensors(tinyArch(tied))) {
    uint64_t elements = 0;
    std::string bytes = tensorBytes(tensor, elements), shape;
    for (const ExpectedExtent &extent : tensor.extents)
      shape += (shape.empty() ? "" : ",") + std::to_string(extent.value);
    header += ",\"" + tensor.name + "\":{\"dtype\":\"F32\",\"shape\":[" + shape +
              "],\"data_offsets\":[" + std::to_string(data.size()) + "," +
              std::to_string(data.size() + bytes.size()) + "]}";
    data += bytes;
  }
  return safetensors(header + "}", data);
}

std::string test::tinyConfig() {
  return R"({
  "architectures": ["LlamaForCausalLM"],
  "model_type": "llama",
  "hidden_size": 64,
  "intermediate_size": 96,
  "num_hidden_layers": 2,
  "num_attention_heads": 4,
  "num_key_value_heads": 2,
  "vocab_size": 10,
  "max_position_embeddings": 128,
  "rms_norm_eps": 1e-05,
  "rope_theta": 10000.0,
  "rope_scaling": null,
  "hidden_act": "silu",
  "attention_bias": false,
  "bos_token_id": 1,
  "eos_token_id": 2,
  "tie_word_embeddings": false
})";
}

std::string test::tinyYaml() {
  return R"(ingot: 1
name: tiny
architecture:
  hidden_size: 64
  intermediate_size: 96
  num_layers: 2
  num_heads: 4
  num_kv_heads: 2
  head_dim: 16
  vocab_size: 10
  max_context: 128
  activation: silu
  norm: {kind: rms, eps: 1.0e-5}
  rope: {theta: 10000.0, style: half}
  tie_embeddings: true
  layer_sharing: {scheme: immediate, repeat: 2}
weights: {path: model.safetensors, names: hf}
tokenizer: {path: tokenizer.model, add_bos: true, bos: 1, eos: [2]}
)";
}
