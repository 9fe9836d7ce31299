# The libraries that the compiler stands on. The runtime depends on none of them.

set(MLIR_DIR "/usr/lib/llvm-22/lib/cmake/mlir" CACHE PATH "MLIR's CMake package")
find_package(MLIR REQUIRED CONFIG) # no version argument: MLIR's version file refuses one
if(NOT LLVM_VERSION_MAJOR EQUAL 22)
  message(FATAL_ERROR "LLVM is ${LLVM_PACKAGE_VERSION}, expected major version 22")
endif()
list(APPEND CMAKE_MODULE_PATH "${MLIR_CMAKE_DIR}" "${LLVM_CMAKE_DIR}")
include(TableGen)
include(AddLLVM)
include(AddMLIR)
include_directories(SYSTEM ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS}) # mlir-tblgen reads it too

file(GLOB ingot_halide_dir "${PROJECT_SOURCE_DIR}/build/venv/lib/python3*/site-packages/halide")
set(HALIDE_ROOT "${ingot_halide_dir}" CACHE PATH "The halide package: include/ and lib64/")
if(NOT EXISTS "${HALIDE_ROOT}/include/Halide.h")
  message(FATAL_ERROR "no Halide at '${HALIDE_ROOT}': run cmake/bootstrap.sh first")
endif()
add_library(Halide::Halide SHARED IMPORTED)
set_target_properties(Halide::Halide PROPERTIES
  IMPORTED_LOCATION "${HALIDE_ROOT}/lib64/libHalide.so"
  INTERFACE_INCLUDE_DIRECTORIES "${HALIDE_ROOT}/include")

find_package(yaml-cpp REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(Threads REQUIRED)
find_package(GTest REQUIRED)
