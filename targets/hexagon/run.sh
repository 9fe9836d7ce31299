#!/bin/sh
# run.sh CPU PROGRAM [ARGUMENT...]: runs a program as on a Hexagon of that version. What it leaves in the environment
# is for programs that start themselves again.
INGOT_EMULATOR=$0
INGOT_EMULATOR_CPU=$1
export INGOT_EMULATOR INGOT_EMULATOR_CPU
shift
exec qemu-hexagon -cpu "$INGOT_EMULATOR_CPU" "$@"
