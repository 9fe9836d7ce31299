//===- ProductBench.cpp - Speed of matvec and matmat, one thread ----------===//
//
// Not a test: prints the best of several repetitions, for schedules under
// work. matvec walks enough copies of the matrix to leave every cache;
// matmat takes 128 tokens. Usage: ProductBench [rows cols [level [tile]]]
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/ProductSpec.h"
#include "test/kernels/KernelLibrary.h"
#include "test/kernels/Variants.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

using namespace ingot;
using namespace ingot::test;

namespace {

constexpr int kTokens = 128, kRepetitions = 15;

/// Seconds of the fastest of several runs.
template <typename Run> double best(Run run) {
  double seconds = 1e9;
  for (int i = 0; i < kRepetitions; ++i) {
    const auto start = std::chrono::steady_clock::now();
    run();
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
    seconds = std::min(seconds, spent.count());
  }
  return seconds;
}

void measure(KernelLibrary &library, const RunnableLevel &level, Variant variant,
             const KernelSpec &matvec, const KernelSpec &matmat) {
  const Format &format = *variant.format;
  const int64_t rows = matvec.params.at("rows"), cols = matvec.params.at("cols");
  const int64_t blocks = (rows + 15) / 16;
  const size_t bytes = blocks * format.packedBlockBytes(cols);
  const size_t copies = std::max<size_t>(1, (size_t(96) << 20) / bytes);
  // 0x2c2c is 0.065 in 16 bits: scales must not be subnormal, which is slow.
  std::vector<uint8_t> weights(bytes * copies, 0x2c);
  std::vector<float> x(kTokens * cols, 0.5f), scale(kTokens * cols, 0.5f), sum(scale);
  std::vector<int8_t> q(kTokens * cols, 3);
  std::vector<float> y(kTokens * blocks * 16);
  auto buffers = [&](size_t copy) {
    const Buffer w(weights, int64_t(copy * bytes));
    std::vector<Buffer> list = {x, w};
    if (format.quantized())
      list = {q, scale, sum};
    if (format.quantized())
      list.insert(list.end(), weightViews(format), w);
    list.push_back(y);
    return list;
  };
  std::vector<std::function<int()>> stream, cached;
  for (size_t copy = 0; copy < copies; ++copy) {
    stream.push_back(library.bind(matvec, level, {0, int32_t(blocks)}, buffers(copy)));
    cached.push_back(library.bind(matvec, level, {0, int32_t(blocks)}, buffers(0)));
  }
  const auto many = library.bind(matmat, level, {0, int32_t(blocks), kTokens}, buffers(0));
  auto runAll = [](std::vector<std::function<int()>> &calls) {
    return best([&] {
      for (auto &call : calls)
        call();
    });
  };
  const double streamed = runAll(stream), kept = runAll(cached), tokens = best(many);
  std::printf("%-12s %-9s stream %5.1f GB/s  one matrix %6.1f GB/s  matmat %6.1f GMAC/s\n",
              level.level->name.data(), variant.name().c_str(), bytes * copies / streamed * 1e-9,
              bytes * copies / kept * 1e-9, double(rows * cols) * kTokens / tokens * 1e-9);
}

} // namespace

int main(int argc, char **argv) {
  const int64_t rows = argc > 2 ? std::atoll(argv[1]) : 1536;
  const int64_t cols = argc > 2 ? std::atoll(argv[2]) : 576;
  KernelLibrary library;
  auto spec = [&](const char *op, Variant variant) {
    KernelSpec spec{op + ("_" + variant.name()), {}};
    spec.params = {{"rows", rows}, {"cols", cols}};
    if (argc > 4 && spec.algorithm.starts_with("matmat"))
      spec.params["tile"] = std::atoll(argv[4]);
    return spec;
  };
  std::vector<RunnableLevel> levels = runnableLevels();
  if (argc > 3)
    std::erase_if(levels, [&](const RunnableLevel &l) { return l.level->name != argv[3]; });
  for (const RunnableLevel &level : levels)
    for (Variant variant : variants())
      for (const char *op : {"matvec", "matmat"})
        library.add(spec(op, variant), level);
  if (std::string problem = library.build(); !problem.empty()) {
    std::fprintf(stderr, "%s\n", problem.c_str());
    return 1;
  }
  std::printf("%lldx%lld, one thread\n", (long long)rows, (long long)cols);
  for (const RunnableLevel &level : levels)
    for (Variant variant : variants())
      measure(library, level, variant, spec("matvec", variant), spec("matmat", variant));
}
