// The stages of every family, for the tables of builders and schedules.
#ifndef INGOT_CODEGEN_KERNELS_ALGORITHMS_H
#define INGOT_CODEGEN_KERNELS_ALGORITHMS_H

#include "codegen/kernels/AttentionBytes.h"
#include "codegen/kernels/AttentionCombine.h"
#include "codegen/kernels/AttentionPartial.h"
#include "codegen/kernels/Embedding.h"
#include "codegen/kernels/KvStore.h"
#include "codegen/kernels/MatMat.h"
#include "codegen/kernels/MatVec.h"
#include "codegen/kernels/Quantize.h"
#include "codegen/kernels/QuantizeToken.h"
#include "codegen/kernels/RmsNorm.h"
#include "codegen/kernels/Rope.h"
#include "codegen/kernels/RopeQBytes.h"
#include "codegen/kernels/SwiGlu.h"

#endif // INGOT_CODEGEN_KERNELS_ALGORITHMS_H
