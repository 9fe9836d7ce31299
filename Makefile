# The front door. Everything is done by CMake and ctest: this file only spells the usual words.
#
#   make demo     compile a real 135M model for this machine and let it answer a question
#   make check    every test
#   make          the compiler only: build/bin/ingot and build/bin/ingot-opt
#   make bench    the benchmark beside llama.cpp and OpenVINO GenAI (installs them first)
#   make bench-sharing  the paper's latency table: shared blocks against distinct ones
#   make bench-lookup   what prompt lookup is worth on copying tasks, and costs on others
#   make format   clang-format over our sources
#   make clean    remove what was built, keep what was installed

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := all

# make demo QUESTION="..." THREADS=4 TOKENS=256
QUESTION ?= Why is the sky blue? Answer in three sentences.
THREADS ?= $(shell nproc 2>/dev/null || echo 2)
TOKENS ?= 160
# make bench ROUNDS=1: a quick look. LEVEL=...: beside llama.cpp, both held to that level of the machine
ROUNDS ?= 5
LEVEL ?=
JOBS ?= $(shell nproc 2>/dev/null || echo 2)

VENV := build/venv/bin
PYTHON := $(VENV)/python
INGOT := build/bin/ingot
DEMO := build/demo

.PHONY: all bootstrap configure demo check bench bench-sharing bench-lookup format clean

all: configure
	@$(VENV)/cmake --build build -j $(JOBS)

bootstrap:
	@cmake/bootstrap.sh

# CMake runs itself again when a list changes: only a missing cache needs us.
configure: bootstrap
	@test -f build/build.ninja || $(VENV)/cmake --preset release

demo: configure
	@$(VENV)/cmake --build build -j $(JOBS) --target ingot
	@$(PYTHON) bench/demo.py --ingot $(INGOT) --out $(DEMO) --threads $(THREADS) \
	  --tokens $(TOKENS) --question "$(QUESTION)"

# Tests that measure time or count system calls are RUN_SERIAL in their CMake lists.
check: all
	@$(VENV)/ctest --test-dir build --output-on-failure -j $(JOBS)

bench: all
	@cmake/bootstrap.sh --bench $(LEVEL)
	@$(PYTHON) bench/peers.py --ingot $(INGOT) --out build/bench$(LEVEL:%=-%) --rounds $(ROUNDS) \
	  $(LEVEL:%=--level %) --document docs/performance.md --svg docs/performance$(LEVEL:%=-%).svg

bench-sharing: all
	@$(PYTHON) bench/sharing.py --ingot $(INGOT) --out build/bench-sharing --page docs/sharing.md

bench-lookup: all
	@$(PYTHON) bench/lookup.py --ingot $(INGOT) --out build/bench-lookup/model --rounds $(ROUNDS)

format:
	@git ls-files '*.c' '*.h' '*.cpp' '*.def' | xargs clang-format-22 -i

clean:
	@if test -f build/build.ninja; then $(VENV)/cmake --build build --target clean; fi
	@rm -rf build/demo build/bench build/e2e build/CMakeCache.txt build/CMakeFiles build/build.ninja
