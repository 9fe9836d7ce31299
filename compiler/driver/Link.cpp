#include "compiler/driver/Link.h"

#include "compiler/driver/DriverError.h"
#include "compiler/driver/Files.h"
#include "compiler/driver/MachOMerge.h"
#include "compiler/driver/ProcessPool.h"

#include "llvm/Support/Path.h"

using namespace ingot;

llvm::Error Linker::runTool(llvm::StringRef what, std::vector<std::string> command) const {
  const ProcessSpec spec = {std::move(command), /*folder=*/{}};
  const ProcessResult result = runProcess(spec);
  return result.good() ? llvm::Error::success() : processError(what, spec, result);
}

std::vector<std::string> Linker::clangFor(const CompileUnit &unit) const {
  const std::string folder = llvm::sys::path::parent_path(unit.source).str();
  std::vector<std::string> command = {tools.clang,
                                      "--target=" + std::string(target.triple),
                                      "-c",
                                      "-O2",
                                      "-fPIC",
                                      "-ffreestanding",
                                      "-ffp-contract=off",
                                      "-fvisibility=hidden",
                                      "-ffunction-sections",
                                      "-fdata-sections",
                                      "-fno-asynchronous-unwind-tables",
                                      "-fno-ident",
                                      "-ffile-prefix-map=" + folder + "=.",
                                      "-I" + installation.includeFolder()};
  if (llvm::sys::path::extension(unit.source) == ".cpp")
    command.insert(command.end(),
                   {"-std=c++17", "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics"});
  if (unit.assembly)
    command[2] = "-S";
  command.insert(command.end(), target.clangFlags.begin(), target.clangFlags.end());
  command.insert(command.end(), unit.flags.begin(), unit.flags.end());
  // The name alone, from its own folder: assemblers write the name of the file into the object.
  command.insert(command.end(), {llvm::sys::path::filename(unit.source).str(), "-o", unit.output});
  return command;
}

llvm::Error Linker::compileCpp(llvm::ArrayRef<CompileUnit> units, unsigned parallel) const {
  std::vector<ProcessSpec> specs;
  for (const CompileUnit &unit : units)
    specs.push_back({clangFor(unit), llvm::sys::path::parent_path(unit.source).str()});
  llvm::Error first = llvm::Error::success();
  runProcesses(specs, parallel, [&](size_t index, ProcessResult result) {
    if (result.good())
      return true;
    llvm::consumeError(std::move(first));
    first = processError("compiling '" + units[index].source + "'", specs[index], result);
    return false;
  });
  return first;
}

llvm::Error Linker::makeModelObject(llvm::ArrayRef<std::string> objects, llvm::StringRef symbol,
                                    llvm::StringRef output) const {
  if (target.objectFormat == ObjectFormat::MachO)
    return mergeMachO(objects, output, [&](llvm::StringRef name) { return name == symbol; });
  if (target.objectFormat == ObjectFormat::Module) {
    // Nothing is to be hidden: a module exports what is marked, whatever is global inside.
    std::vector<std::string> command = {tools.lld, "-r", "-o", output.str()};
    command.insert(command.end(), objects.begin(), objects.end());
    return runTool("linking the model's objects", std::move(command));
  }
  const std::string linked = (output + ".linked").str();
  std::vector<std::string> link = {tools.lld,         "-r", "-z",  "noexecstack",
                                   "--build-id=none", "-o", linked};
  link.insert(link.end(), objects.begin(), objects.end());
  if (llvm::Error error = runTool("linking the model's objects", std::move(link)))
    return error;
  if (llvm::Error error =
          runTool("hiding the model's symbols",
                  {tools.objcopy, "--keep-global-symbol=" + symbol.str(), linked, output.str()}))
    return error;
  return removeTree(linked);
}

llvm::Error Linker::makeArchive(llvm::ArrayRef<std::string> members, llvm::StringRef output) const {
  // D: no times, owners or modes of the files; an old archive would keep its members.
  if (llvm::Error error = removeTree(output))
    return error;
  std::vector<std::string> command = {tools.ar, "rcsD", output.str()};
  command.insert(command.end(), members.begin(), members.end());
  return runTool("making the static library", std::move(command));
}

std::vector<std::string> Linker::clangLinker(llvm::StringRef kind, llvm::StringRef output) const {
  return {tools.clang,
          "--target=" + std::string(target.triple),
          kind.str(),
          "--ld-path=" + tools.lld,
          "-Wl,--gc-sections",
          "-Wl,-z,noexecstack",
          "-Wl,--build-id=none",
          "-Wl,--strip-debug",
          "-o",
          output.str()};
}

llvm::Error Linker::makeExecutable(llvm::ArrayRef<std::string> objects,
                                   llvm::StringRef output) const {
  if (!target.linkFlags.empty()) {
    std::vector<std::string> command = {tools.lld, "-o", output.str()};
    command.insert(command.end(), target.linkFlags.begin(), target.linkFlags.end());
    command.insert(command.end(), objects.begin(), objects.end());
    return runTool("linking the program", std::move(command));
  }
  std::vector<std::string> command = clangLinker("-static", output);
  command.insert(command.end(), objects.begin(), objects.end());
  command.insert(command.end(), {"-lm", "-lpthread"});
  return runTool("linking the executable", std::move(command));
}

llvm::Error Linker::makeShared(llvm::ArrayRef<std::string> objects, llvm::StringRef soname,
                               llvm::StringRef output) const {
  std::vector<std::string> command = clangLinker("-shared", output);
  command.push_back(("-Wl,-soname," + soname).str());
  command.push_back("-Wl,-z,defs"); // what it needs, it names
  command.insert(command.end(), objects.begin(), objects.end());
  command.insert(command.end(), {"-lm", "-lpthread"});
  return runTool("linking the shared library", std::move(command));
}
