//===- main.cpp - ingot-merge: several Mach-O objects as one --------------===//

#include "compiler/driver/DriverError.h"
#include "compiler/driver/MachOMerge.h"

#include "llvm/Support/raw_ostream.h"

#include <string>
#include <vector>

using namespace ingot;

int main(int argc, char **argv) {
  if (argc < 4) {
    llvm::errs() << "ingot-merge: error: expected PREFIX OUTPUT OBJECT...\n";
    return kExitUsage;
  }
  const llvm::StringRef prefix = argv[1];
  return reportError(mergeMachO(std::vector<std::string>(argv + 3, argv + argc), argv[2],
                                [&](llvm::StringRef name) { return name.starts_with(prefix); }));
}
