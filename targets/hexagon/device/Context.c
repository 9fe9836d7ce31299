/* Which level the processor can run, and what the kernels' own compiler links beside them in a
 * remote-procedure image and an Ingot kernel does without: the lock of the vector context, which is
 * taken once by the thread that runs the model and not in every kernel, and functions behind it
 * that nothing calls. They are defined, so that no object has an undefined symbol of theirs. */

#if defined(__hexagon__)

/* QuRT's answer to which version the processor is: two digits, as in v68. */
struct qurt_arch_version {
  unsigned arch_version;
};
__attribute__((weak)) int qurt_sysenv_get_arch_version(struct qurt_arch_version *version);

/* Where nobody can be asked, the first level. */
int ingot_usable_v68(void);
int ingot_usable_v68(void) {
  struct qurt_arch_version version = {0};
  return qurt_sysenv_get_arch_version && qurt_sysenv_get_arch_version(&version) == 0 &&
         (version.arch_version & 0xff) >= 0x68;
}

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
