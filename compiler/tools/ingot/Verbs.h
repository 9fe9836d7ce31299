//===- Verbs.h - The verbs of `ingot` ---------------------------*- C++ -*-===//
#ifndef INGOT_COMPILER_TOOLS_INGOT_VERBS_H
#define INGOT_COMPILER_TOOLS_INGOT_VERBS_H

namespace ingot {

// Each takes the words behind its name and returns the exit code of the
// process.
int compileVerb(int argc, char **argv);
int runVerb(int argc, char **argv);
int evalVerb(int argc, char **argv);
int tokenizeVerb(int argc, char **argv);
int benchVerb(int argc, char **argv);
int inspectVerb(int argc, char **argv);
int targetsVerb(int argc, char **argv);

} // namespace ingot

#endif // INGOT_COMPILER_TOOLS_INGOT_VERBS_H
