#include "TextbookLlama.h"

#include <cmath>
#include <complex>
#include <random>

using namespace ingot;
using namespace ingot::test;

using Vector = std::vector<double>;

Tensors ingot::test::randomTensors(const ArchSpec &arch, uint32_t seed) {
  std::mt19937 random(seed);
  Tensors tensors;
  const auto fill = [&](const std::string &name, int64_t rows, int64_t cols, float spread,
                        float middle = 0) {
    std::vector<float> &data = tensors[name];
    for (int64_t i = 0; i < rows * cols; ++i)
      data.push_back(middle + spread * (float(random() % 2001) / 1000 - 1));
  };
  const int64_t hidden = arch.hiddenSize, inner = arch.intermediateSize;
  const int64_t queries = arch.numHeads * arch.headDim, keys = arch.numKvHeads * arch.headDim;
  fill("model.embed_tokens.weight", arch.vocabSize, hidden, 1);
  for (int64_t layer = 0; layer < arch.numLayers; ++layer) {
    const std::string name = "model.layers." + std::to_string(layer) + ".";
    fill(name + "input_layernorm.weight", hidden, 1, 0.5f, 1);
    fill(name + "self_attn.q_proj.weight", queries, hidden, 0.4f);
    fill(name + "self_attn.k_proj.weight", keys, hidden, 0.4f);
    fill(name + "self_attn.v_proj.weight", keys, hidden, 0.3f);
    fill(name + "self_attn.o_proj.weight", hidden, queries, 0.3f);
    fill(name + "post_attention_layernorm.weight", hidden, 1, 0.5f, 1);
    fill(name + "mlp.gate_proj.weight", inner, hidden, 0.3f);
    fill(name + "mlp.up_proj.weight", inner, hidden, 0.3f);
    fill(name + "mlp.down_proj.weight", hidden, inner, 0.2f);
  }
  fill("model.norm.weight", hidden, 1, 0.5f, 1);
  if (!arch.tieEmbeddings)
    fill("lm_head.weight", arch.vocabSize, hidden, 0.5f);
  return tensors;
}

static Vector times(const std::vector<float> &matrix, const Vector &x) {
  Vector y(matrix.size() / x.size());
  for (size_t row = 0; row < y.size(); ++row)
    for (size_t col = 0; col < x.size(); ++col)
      y[row] += double(matrix[row * x.size() + col]) * x[col];
  return y;
}

static Vector normed(const std::vector<float> &weight, const Vector &x, double eps) {
  double mean = 0;
  for (double value : x)
    mean += value * value / double(x.size());
  Vector y;
  for (size_t i = 0; i < x.size(); ++i)
    y.push_back(weight[i] * x[i] / std::sqrt(mean + eps));
  return y;
}

/// Multiplies pair i of every head by e^(i * angle): rotation as complex numbers.
static void rotate(Vector &x, const ArchSpec &arch, size_t position) {
  const size_t dims = size_t(arch.headDim), pairs = dims / 2;
  const bool half = arch.ropeStyle == RopeStyle::Half;
  for (size_t head = 0; head < x.size(); head += dims)
    for (size_t i = 0; i < pairs; ++i) {
      double &re = x[head + (half ? i : 2 * i)], &im = x[head + (half ? i + pairs : 2 * i + 1)];
      const double angle = double(position) / std::pow(arch.ropeTheta, double(i) / double(pairs));
      const std::complex<double> turned = std::complex<double>(re, im) * std::polar(1.0, angle);
      re = turned.real(), im = turned.imag();
    }
}

/// The attention of every position of one layer.
static std::vector<Vector> attended(const ArchSpec &arch, const std::vector<Vector> &q,
                                    const std::vector<Vector> &k, const std::vector<Vector> &v) {
  const size_t dims = size_t(arch.headDim), shared = size_t(arch.numHeads / arch.numKvHeads);
  std::vector<Vector> y;
  for (size_t now = 0; now < q.size(); ++now) {
    Vector out(q[now].size());
    for (size_t head = 0; head < size_t(arch.numHeads); ++head) {
      const size_t mine = head * dims, theirs = head / shared * dims;
      Vector weights;
      double total = 0;
      for (size_t then = 0; then <= now; ++then) {
        double dot = 0;
        for (size_t d = 0; d < dims; ++d)
          dot += q[now][mine + d] * k[then][theirs + d];
        weights.push_back(std::exp(dot / std::sqrt(double(dims))));
        total += weights.back();
      }
      for (size_t then = 0; then <= now; ++then)
        for (size_t d = 0; d < dims; ++d)
          out[mine + d] += weights[then] / total * v[then][theirs + d];
    }
    y.push_back(std::move(out));
  }
  return y;
}

std::vector<double> ingot::test::textbookLogits(const ArchSpec &arch, const Tensors &tensors,
                                                const std::vector<int64_t> &layers,
                                                const std::vector<int32_t> &tokens) {
  const size_t hidden = size_t(arch.hiddenSize);
  const std::vector<float> &embedding = tensors.at("model.embed_tokens.weight");
  std::vector<Vector> h;
  for (int32_t token : tokens)
    h.emplace_back(embedding.begin() + token * arch.hiddenSize,
                   embedding.begin() + (token + 1) * arch.hiddenSize);

  for (int64_t layer : layers) {
    const auto weight = [&](const char *field) -> const std::vector<float> & {
      return tensors.at("model.layers." + std::to_string(layer) + "." + field + ".weight");
    };
    std::vector<Vector> q, k, v;
    for (size_t t = 0; t < h.size(); ++t) {
      const Vector x = normed(weight("input_layernorm"), h[t], arch.normEps);
      q.push_back(times(weight("self_attn.q_proj"), x));
      k.push_back(times(weight("self_attn.k_proj"), x));
      v.push_back(times(weight("self_attn.v_proj"), x));
      rotate(q.back(), arch, t);
      rotate(k.back(), arch, t);
    }
    const std::vector<Vector> y = attended(arch, q, k, v);
    for (size_t t = 0; t < h.size(); ++t) {
      const Vector attention = times(weight("self_attn.o_proj"), y[t]);
      for (size_t i = 0; i < hidden; ++i)
        h[t][i] += attention[i];
      const Vector x = normed(weight("post_attention_layernorm"), h[t], arch.normEps);
      Vector gate = times(weight("mlp.gate_proj"), x);
      const Vector up = times(weight("mlp.up_proj"), x);
      for (size_t i = 0; i < gate.size(); ++i)
        gate[i] *= up[i] / (1 + std::exp(-gate[i]));
      const Vector down = times(weight("mlp.down_proj"), gate);
      for (size_t i = 0; i < hidden; ++i)
        h[t][i] += down[i];
    }
  }

  std::vector<double> logits;
  for (const Vector &x : h)
    for (double value :
         times(tensors.at(arch.tieEmbeddings ? "model.embed_tokens.weight" : "lm_head.weight"),
               normed(tensors.at("model.norm.weight"), x, arch.normEps)))
      logits.push_back(value);
  return logits;
}
