#include "compiler/import/RandomWeights.h"

#include "compiler/import/TensorNames.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/xxhash.h"

#include <cmath>
#include <mutex>

using namespace ingot;
using llvm::StringRef;

namespace {

/// The finaliser of splitmix64: a bijection of 64 bits that leaves no pattern.
uint64_t mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

/// Number `index` of the stream `key`, nearly normal with mean 0 and deviation
/// 1: the sum of eight uniform 16-bit numbers. Its largest value is 4.9, which
/// keeps outliers out of the scales of quantised blocks; no logarithm or root
/// of a maths library is in it, so every machine gets the same bits.
float normalAt(uint64_t key, uint64_t index) {
  constexpr uint64_t step = 0x9e3779b97f4a7c15u; // 2^64 / golden ratio
  int64_t sum = 0;
  for (uint64_t half = 0; half < 2; ++half) {
    uint64_t bits = mix(key + (2 * index + half + 1) * step);
    for (int part = 0; part < 4; ++part)
      sum += int64_t((bits >> (16 * part)) & 0xffff);
  }
  constexpr int64_t twiceMean = 8 * 0xffff;            // of the sum, doubled to stay whole
  constexpr float deviation = 53509.2f;                // sqrt(8 * (2^32 - 1) / 12)
  return float(2 * sum - twiceMean) / (2 * deviation); // exact until the division
}

class RandomWeights final : public WeightSource {
public:
  RandomWeights(const ArchSpec &arch, uint64_t seed);

  StringRef path() const override { return name; }
  llvm::ArrayRef<TensorView> tensors() const override { return views; }
  const TensorView *find(StringRef canonicalName) const override;
  void release(const TensorView &tensor) const override;

private:
  void generate(size_t index) const;

  std::string name;
  uint64_t seed;
  llvm::StringMap<size_t> indices;
  // find() is const for every other source, and generating is a matter of this
  // one's memory, not of its meaning.
  mutable std::mutex mutex;
  mutable std::vector<TensorView> views;
  mutable std::vector<std::vector<uint8_t>> storage;
};

} // namespace

RandomWeights::RandomWeights(const ArchSpec &arch, uint64_t seed)
    : name("random:" + std::to_string(seed)), seed(seed) {
  for (const ExpectedTensor &tensor : expectedTensors(arch)) {
    indices[tensor.name] = views.size();
    TensorView &view = views.emplace_back();
    view.name = view.fileName = tensor.name;
    view.type = TensorType::F32;
    for (const ExpectedExtent &extent : tensor.extents)
      view.shape.push_back(extent.value);
  }
  storage.resize(views.size());
}

void RandomWeights::generate(size_t index) const {
  TensorView &view = views[index];
  bool norm = view.shape.size() == 1;
  uint64_t count = 1; // the architecture's checks bound the product
  for (int64_t extent : view.shape)
    count *= uint64_t(extent);
  uint64_t key = mix(mix(seed) ^ llvm::xxh3_64bits(view.name));
  // Square roots are exact by IEEE 754: the same everywhere.
  float centre = norm ? 1.0f : 0.0f;
  float scale = norm ? 0.05f : 1.0f / std::sqrt(float(view.shape.back()));
  std::vector<uint8_t> &bytes = storage[index];
  bytes.resize(count * sizeof(float));
  for (uint64_t i = 0; i < count; ++i) {
    float value = normalAt(key, i) * scale;
    value += centre;
    llvm::support::endian::write<uint32_t>(bytes.data() + i * sizeof(float),
                                           llvm::bit_cast<uint32_t>(value),
                                           llvm::endianness::little);
  }
  view.bytes = bytes;
}

const TensorView *RandomWeights::find(StringRef canonicalName) const {
  auto at = indices.find(canonicalName);
  if (at == indices.end())
    return nullptr;
  std::lock_guard lock(mutex);
  if (storage[at->second].empty())
    generate(at->second);
  return &views[at->second];
}

void RandomWeights::release(const TensorView &tensor) const {
  auto at = indices.find(tensor.name);
  if (at == indices.end())
    return;
  std::lock_guard lock(mutex);
  views[at->second].bytes = {};
  std::vector<uint8_t>().swap(storage[at->second]);
}

std::unique_ptr<WeightSource> ingot::makeRandomWeights(const ArchSpec &arch, uint64_t seed) {
  return std::make_unique<RandomWeights>(arch, seed);
}
