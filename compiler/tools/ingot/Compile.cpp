#include "compiler/driver/CompileJob.h"
#include "compiler/driver/DriverError.h"
#include "compiler/driver/Interrupt.h"
#include "compiler/tools/ingot/FrontEnd.h"
#include "compiler/tools/ingot/OptionsCompile.h"
#include "compiler/tools/ingot/Verbs.h"

using namespace ingot;

int ingot::compileVerb(int argc, char **argv) {
  CompileOptions options;
  if (std::optional<int> end = parseCompileOptions(argc, argv, options))
    return *end;
  // Before any other thread, so that all of them leave the signals to it.
  Interrupt::install();
  CompileJob job(options, Installation::ofThisProcess());
  return reportError(job.run([&](const FrontEndPaths &paths, Progress &progress) {
    return runFrontEnd(options, paths, progress);
  }));
}
