#!/bin/sh
# link_guest.sh CLANG LLD DISASSEMBLE SUPPORT OUTPUT OBJECTS: a program of kernels, for Guest.h. DISASSEMBLE is the
# command that knows what the emulator knows, SUPPORT the objects of the program without kernels, OBJECTS a file that
# lists theirs, each called SYMBOL.o. What finds a kernel by its name is an assembly list of both.
set -e
clang=$1 lld=$2 disassemble=$3 support=$4 output=$5 objects=$6
{
  echo '  .section .rodata.guest,"a"'
  echo '  .p2align 2'
  echo '  .globl ingot_guest_kernels'
  echo 'ingot_guest_kernels:'
  number=0
  while read -r object; do
    echo "  .word .Lname$number, $(basename "$object" .o)"
    number=$((number + 1))
  done < "$objects"
  echo '  .word 0, 0'
  number=0
  while read -r object; do
    echo ".Lname$number: .asciz \"$(basename "$object" .o)\""
    number=$((number + 1))
  done < "$objects"
} > "$output.s"
$clang -c "$output.s" -o "$output.list.o"
# shellcheck disable=SC2086 # a list
$lld -static --gc-sections -o "$output" $support "$output.list.o" "@$objects"

# What the emulator's machine does not know would end it by a signal. (Zeros fill the gaps between functions.)
if $disassemble "$output" | grep '<unknown>' | grep -v '00 00 00 00' > "$output.unknown"; then
  echo "UNSUPPORTED: $(head -n 1 "$output.unknown")" >&2
  exit 1
fi
