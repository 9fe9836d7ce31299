//===- KvStoreSpec.h - Views of the cache ---------------------------------===//
//
// The buffers through which kernels see a slot; halide-free. Every one is a
// strided view of the same memory (KvLayout.h).
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_CODEGEN_KERNELS_KVSTORESPEC_H
#define INGOT_CODEGEN_KERNELS_KVSTORESPEC_H

#include "codegen/Kernel.h"
#include "codegen/kernels/KvLayout.h"

namespace ingot {

/// One view. Strides are in elements; the outermost extent (blocks) is
/// dynamic, all else is constant.
struct KvView {
  std::string name; ///< begins with "kv_": its host is the slot plus byteOffset
  KernelType type;
  std::vector<int64_t> extents, strides;
  int64_t byteOffset;

  KernelArg arg(KernelArg::Kind kind) const { return {kind, name, type, extents, byteOffset}; }
};

/// (dim in the quad, position in the run, quad in the unit, unit in the head, run, kv head, block).
/// A quad is one dim, or one position, where the layout has none.
KvView kvKeys(const KvLayout &layout);
/// (position in the block, unit in the head, kv head, block).
KvView kvKeyScales(const KvLayout &layout);
/// (position in the quad, dim in the unit, unit in the head, quad in the block, kv head, block).
KvView kvValues(const KvLayout &layout);
/// (position in the block, unit in the head, kv head, block).
KvView kvValueScales(const KvLayout &layout);

/// The kind that an algorithm's name ends with ("kv_store_k_q8").
KvKind kvKindOf(std::string_view algorithm);

} // namespace ingot

#endif // INGOT_CODEGEN_KERNELS_KVSTORESPEC_H
