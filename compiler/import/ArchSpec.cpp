#include "compiler/import/ArchSpec.h"

using namespace ingot;

std::vector<int64_t> ArchSpec::runOrder() const {
  std::vector<int64_t> order;
  order.reserve(size_t(numRuns()));
  if (sharing == SharingScheme::Immediate || sharing == SharingScheme::None) {
    for (int64_t block = 0; block < numLayers; ++block)
      order.insert(order.end(), size_t(repeat), block);
    return order;
  }
  for (int64_t pass = 0; pass < repeat; ++pass) {
    bool backwards = sharing == SharingScheme::Reverse && pass % 2 == 1;
    for (int64_t i = 0; i < numLayers; ++i)
      order.push_back(backwards ? numLayers - 1 - i : i);
  }
  return order;
}

int64_t ArchSpec::parameterCount() const {
  int64_t attention = 2 * hiddenSize * numHeads * headDim      // query, output
                      + 2 * hiddenSize * numKvHeads * headDim; // key, value
  int64_t feedForward = 3 * hiddenSize * intermediateSize;
  int64_t norms = 2 * hiddenSize;
  int64_t embeddings = (tieEmbeddings ? 1 : 2) * vocabSize * hiddenSize;
  return numLayers * (attention + feedForward + norms) + embeddings + hiddenSize;
}
