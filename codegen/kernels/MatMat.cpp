//===- MatMat.cpp - Y = X W^T, or Y += X W^T ------------------------------===//

#include "codegen/kernels/MatMat.h"

#include <algorithm>

using namespace ingot;
using namespace Halide;

std::unique_ptr<KernelStages> ingot::buildMatMat(const KernelSpec &spec, const Level &level) {
  const int64_t rows = spec.params.at("rows"), cols = spec.params.at("cols");
  auto k = std::make_unique<MatMat>(*productFormat(spec.algorithm),
                                    productActivation(spec.algorithm), rows, cols, level);
  k->spec = spec;
  k->tile = int(k->param("tile", k->quantized ? level.byteTile : level.floatTile));
  // A tile is computed whole: one that is larger than the step multiplies for nothing.
  k->tile = int(std::min<int64_t>(k->tile, k->param("most", k->tile)));

  Param<int32_t> begin("begin"), end("end"), tokens("rows");
  const int tile = k->tile;
  k->share = RDom(0, tile, 0, (tokens + (tile - 1)) / tile, begin, end - begin, "share");
  const Expr firstOfTile = k->share.y * tile;
  const Expr token = min(firstOfTile, max(tokens - tile, 0)) + k->share.x;
  k->share.where(token >= firstOfTile && token < tokens);

  const Expr product = k->result(token, k->share.z);
  k->y(k->lane, k->token, k->block) = undef<float>();
  if (k->param("add"))
    k->y(k->lane, token, k->share.z) += product;
  else
    k->y(k->lane, token, k->share.z) = product;
  const int64_t paddedRows = (rows + kRowBlock - 1) / kRowBlock * kRowBlock;
  setStrided(k->y.output_buffer(), {kRowBlock, KernelArg::kDynamic, KernelArg::kDynamic},
             {1, paddedRows, kRowBlock});

  k->arguments = {begin, end, tokens};
  k->arguments.insert(k->arguments.end(), k->inputs.begin(), k->inputs.end());
  k->outputs = {k->y};
  return k;
}
