# One function for each kind of target that the tree has.

# MLIR's headers take ten seconds to parse, so they are parsed once.
file(WRITE "${PROJECT_BINARY_DIR}/mlir_pch.cpp" "")
add_library(IngotMlirPch OBJECT "${PROJECT_BINARY_DIR}/mlir_pch.cpp")
target_precompile_headers(IngotMlirPch PRIVATE
  <mlir/Bytecode/BytecodeOpInterface.h> <mlir/IR/Builders.h> <mlir/IR/BuiltinOps.h>
  <mlir/IR/DialectImplementation.h> <mlir/IR/OpImplementation.h>
  <mlir/Interfaces/SideEffectInterfaces.h> <mlir/Pass/PassManager.h> <memory> <string> <vector>)

# Code that includes MLIR or LLVM headers: they are not ours to warn about.
function(ingot_add_mlir_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_include_directories(${name} SYSTEM PUBLIC ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
  target_link_libraries(${name} PUBLIC ${ARG_LIBS} MLIR LLVM)
  target_precompile_headers(${name} REUSE_FROM IngotMlirPch)
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
endfunction()

# Plain C++ without MLIR.
function(ingot_add_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC ${ARG_LIBS})
endfunction()

# Files that a source of this folder takes in by #embed, of which ccache knows nothing: their hashes
# become part of its command line.
function(ingot_embeds source)
  foreach(file IN LISTS ARGN)
    set(embedded "${CMAKE_CURRENT_SOURCE_DIR}/${file}")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${embedded}")
    file(SHA256 "${embedded}" hash)
    set_property(SOURCE "${source}" APPEND PROPERTY COMPILE_DEFINITIONS "INGOT_EMBEDDED_${hash}")
  endforeach()
endfunction()

# A GoogleTest executable registered with ctest under the folder's label.
function(ingot_add_unit_test name)
  cmake_parse_arguments(ARG "" "LABEL;TIMEOUT" "SOURCES;LIBS;ARGS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LIBS} GTest::gtest_main)
  add_test(NAME unit/${name} COMMAND ${name} ${ARG_ARGS})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  set_tests_properties(unit/${name} PROPERTIES LABELS "unit;${ARG_LABEL}" TIMEOUT ${ARG_TIMEOUT})
endfunction()
