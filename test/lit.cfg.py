"""How lit runs the .mlir and .test files of this tree: ingot-opt, ingot and FileCheck are on the path."""

import os

import lit.formats

config.name = "ingot"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["e2e", "style", "Inputs"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = config.ingot_test_exec_root
config.environment["PATH"] = os.pathsep.join(
    [config.ingot_bin, config.llvm_bin, os.environ["PATH"]])
config.environment["FILECHECK_OPTS"] = "--enable-var-scope --dump-input=fail"

# INGOT_VERIFY_ROUNDTRIP=1 lit ...: print and parse again whatever a test reads.
if os.environ.get("INGOT_VERIFY_ROUNDTRIP"):
    config.substitutions.append((r"\bingot-opt\b", "ingot-opt --verify-roundtrip"))

# Headers of the emitted code, as the driver gives them to the compiler.
config.substitutions.append(("%ingot_include", os.path.join(config.ingot_bin, "..", "include")))
