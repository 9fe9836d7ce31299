/* A plug-in of QEMU's user-mode emulators: counts the instructions of the program and prints their
 * number at its end. The declarations are those of QEMU's interface, version 1, which Debian's
 * package brings no header for. */

#include <stdint.h>
#include <stdio.h>

typedef uint64_t plugin_id;
struct translation_block;

void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id,
                                           void (*)(plugin_id, struct translation_block *));
size_t qemu_plugin_tb_n_insns(const struct translation_block *);
void qemu_plugin_register_vcpu_tb_exec_inline(struct translation_block *, int operation,
                                              void *counter, uint64_t amount);
void qemu_plugin_register_atexit_cb(plugin_id, void (*)(plugin_id, void *), void *user);

int qemu_plugin_version = 1;
int qemu_plugin_install(plugin_id, const void *info, int argc, char **argv);

static uint64_t instructions;

static void translated(plugin_id id, struct translation_block *block) {
  (void)id;
  qemu_plugin_register_vcpu_tb_exec_inline(block, /*add*/ 0, &instructions,
                                           qemu_plugin_tb_n_insns(block));
}

static void ended(plugin_id id, void *user) {
  (void)id;
  (void)user;
  fprintf(stderr, "instructions: %llu\n", (unsigned long long)instructions);
}

int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv) {
  (void)info;
  (void)argc;
  (void)argv;
  qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
  qemu_plugin_register_atexit_cb(id, ended, 0);
  return 0;
}
