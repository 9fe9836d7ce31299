#include "OpenSession.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

namespace ingot::cli {

int checkLevel(const ingot_model *model, const char *level) {
  if (!level)
    return exitDone;
  char known[256] = "";
  for (uint32_t i = 0; i < ingot_model_level_count(model); ++i) {
    const char *name = ingot_model_level_name(model, i);
    if (strcmp(name, level) == 0)
      return exitDone;
    size_t used = strlen(known);
    snprintf(known + used, sizeof known - used, "%s'%s'", i == 0 ? "" : ", ", name);
  }
  return fail(exitUsage, "option '--level' is '%s', expected one of %s", level, known);
}

int findWeights(const ingot_model *model, const MachineOptions &machine, Mapping &weights) {
  if (ingot_model_weights(model)) {
    if (machine.weights)
      return fail(exitUsage, "option '--weights' is given, but the weights are embedded");
    return exitDone;
  }
  if (machine.weights)
    return mapFile(machine.weights, weights);

  char path[PATH_MAX + 256];
  ssize_t length = readlink("/proc/self/exe", path, PATH_MAX);
  if (length <= 0)
    return fail(exitFailed, "cannot find the executable's folder, give --weights");
  path[length] = 0;
  char *name = strrchr(path, '/') + 1; // the link is absolute
  snprintf(name, sizeof path - static_cast<size_t>(name - path), "%s.weights",
           ingot_model_name(model));
  return mapFile(path, weights);
}

static void report(void *, int severity, const char *message, const char *detail) {
  if (severity >= INGOT_LOG_WARNING)
    warn("%s%s%s", message, *detail ? ": " : "", detail);
}

int openSession(const ingot_model *model, const MachineOptions &machine, const Mapping &weights,
                ingot_session_options &options, ingot_session *&session) {
  if (int code = checkLevel(model, machine.level))
    return code;
  options.size = sizeof options;
  options.level = machine.level;
  options.weights = weights.data;
  options.weights_bytes = weights.bytes;
  options.copy_weights = machine.hugePages;
  options.log = report;
  if (!options.team)
    options.threads = static_cast<uint32_t>(machine.threads);
  ingot_status status = ingot_session_create(model, &options, nullptr, 0, &session);
  return status == INGOT_OK ? exitDone : failStatus(status, "create a session");
}

} // namespace ingot::cli
