#!/bin/sh
cd "$(dirname "$0")/src" && ${CXX:-c++} -std=c++17 -O3 -ffp-contract=off -fno-strict-aliasing -pthread $CXXFLAGS -I. -Iinclude ./*.cpp kernels/*.cpp runtime/*/*.cpp runtime/platform/*/*.cpp -o ../@NAME@
