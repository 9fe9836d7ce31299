#!/bin/sh
# run.sh NODE MODULE.wasm [ARGUMENT...]: runs a compiled module as if it were a program.
node=$1
shift
exec "$node" "$(dirname "$0")/cli.mjs" "$@"
