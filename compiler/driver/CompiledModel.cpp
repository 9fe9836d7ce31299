#include "compiler/driver/CompiledModel.h"

#include "compiler/driver/DriverError.h"
#include "compiler/driver/Files.h"
#include "targets/Targets.h"

#include <filesystem>

using namespace ingot;
namespace fs = std::filesystem;

/// A name that can only be a file in the folder.
static bool isPlainName(const std::string &name) {
  return !name.empty() &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-.") == std::string::npos &&
         name[0] != '.';
}

llvm::Expected<CompiledModel> CompiledModel::open(llvm::StringRef folder) {
  std::error_code status;
  const std::string path = joinPath(folder, "report.json");
  if (!fs::is_directory(folder.str(), status))
    return driverError(kExitFailed,
                       "'" + folder + "' is not a folder, expected an output of 'ingot compile'");
  if (!fs::is_regular_file(path, status))
    return driverError(kExitFailed,
                       "'" + folder +
                           "' holds no report.json, expected an output of 'ingot compile'");
  llvm::Expected<std::string> text = readFile(path);
  if (!text)
    return text.takeError();

  CompiledModel model;
  model.folder = folder.str();
  model.report = nlohmann::ordered_json::parse(*text, /*cb=*/nullptr, /*allow_exceptions=*/false);
  const auto textOf = [&](const char *key) {
    const auto found = model.report.is_object() ? model.report.find(key) : model.report.end();
    return found != model.report.end() && found->is_string() ? found->get<std::string>()
                                                             : std::string();
  };
  model.name = textOf("name");
  model.target = textOf("target");
  if (!isPlainName(model.name) || model.target.empty())
    return driverError(kExitFailed, path + ": error: expected an object with 'name' and 'target'");
  const Target *target = findTarget(model.target);
  const std::string executable =
      joinPath(folder, model.name + std::string(target ? target->programSuffix : ""));
  if (fs::is_regular_file(executable, status))
    model.executable = executable;
  return model;
}
