/* What the kernels' own compiler links beside them in a remote-procedure image and an Ingot kernel does without: the
 * lock of the vector context, which is taken once by the thread that runs the model and not in every kernel, and
 * functions behind it that nothing calls. They are defined, so that no object has an undefined symbol of theirs. */

#if defined(__hexagon__)

#define UNUSED(name)                                                                               \
  int name(void);                                                                                  \
  int name(void) { return 0; }

UNUSED(halide_qurt_hvx_lock)
UNUSED(halide_qurt_hvx_unlock)
UNUSED(halide_qurt_hvx_unlock_as_destructor)
UNUSED(qurt_hvx_lock)
UNUSED(qurt_hvx_unlock)
UNUSED(HAP_request_VTCM)
UNUSED(HAP_release_VTCM)
UNUSED(halide_error)
UNUSED(halide_msan_annotate_memory_is_initialized)
UNUSED(halide_string_to_string)
UNUSED(halide_vtcm_malloc)
UNUSED(halide_vtcm_free)

#endif
