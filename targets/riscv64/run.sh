#!/bin/sh
# run.sh CPU PROGRAM [ARGUMENT...]: runs an riscv64 Linux program as on a processor of that name. What it leaves in the
# environment is for programs that start themselves again.
INGOT_EMULATOR=$0
INGOT_EMULATOR_CPU=$1
export INGOT_EMULATOR INGOT_EMULATOR_CPU
shift
exec qemu-riscv64 -cpu "$INGOT_EMULATOR_CPU" "$@"
