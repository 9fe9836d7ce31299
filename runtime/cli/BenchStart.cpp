// From the start of a process to its first token, and the memory it took.

#include "Bench.h"
#include "Clock.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern "C" char **environ;

namespace ingot::cli {

// Tokens of the prompt whose answer is waited for.
static constexpr uint32_t promptLength = 16;
// Words on the command line of the new process, the null behind them included.
static constexpr size_t maxArguments = 12;

// In the new process: feed a short prompt, choose a token, say it.
int startVerb(int argc, char **argv) {
  MachineOptions machine;
  const Option table[] = {INGOT_CLI_THREADS_OPTION(machine), INGOT_CLI_MACHINE_OPTIONS(machine)};
  Parsed parsed =
      parseOptions(argc, argv, table, sizeof table / sizeof *table, "NAME --ingot-verb start");
  if (parsed.end)
    return parsed.code;
  const ingot_model *model = ingot_cli_model();
  Mapping weights;
  ingot_session *session = nullptr;
  ingot_session_options how = {};
  if (int code = findWeights(model, machine, weights))
    return code;
  if (int code = openSession(model, machine, weights, how, session))
    return code;
  const uint32_t vocabulary = ingot_model_vocab_size(model);
  const uint32_t context = ingot_model_max_context(model);
  int32_t ids[promptLength];
  for (uint32_t i = 0; i < promptLength; ++i)
    ids[i] = static_cast<int32_t>(i * 97 % vocabulary);
  const uint32_t count = context < promptLength ? context : promptLength;
  if (ingot_status status = ingot_session_prefill(session, ids, count))
    return failStatus(status, "feed a prompt");
  const float *logits = nullptr;
  if (ingot_status status = ingot_session_logits(session, &logits, nullptr))
    return failStatus(status, "read the logits");
  uint32_t best = 0;
  for (uint32_t i = 1; i < vocabulary; ++i)
    if (logits[i] > logits[best])
      best = i;
  char line[16];
  int length = snprintf(line, sizeof line, "%u\n", best);
  return writeOutput(line, static_cast<size_t>(length));
}

// Starts this executable again. Under an emulator the system cannot do that by itself; the script
// that started this process has left its own name and its first argument in the environment.
static int spawnSelf(pid_t &child, const posix_spawn_file_actions_t *actions,
                     char *const *arguments) {
  const char *script = getenv("INGOT_EMULATOR"), *cpu = getenv("INGOT_EMULATOR_CPU");
  if (!script || !cpu)
    return posix_spawn(&child, "/proc/self/exe", actions, nullptr, arguments, environ);
  char self[4096];
  const ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
  if (length < 0)
    return errno;
  self[length] = 0;
  const char *command[4 + maxArguments] = {"sh", script, cpu, self};
  for (size_t i = 1; arguments[i - 1] != nullptr; ++i)
    command[3 + i] = arguments[i];
  return posix_spawn(&child, "/bin/sh", actions, nullptr, const_cast<char *const *>(command),
                     environ);
}

static int startOnce(char *const *arguments, double &seconds, uint64_t &peakBytes) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    return fail(exitFailed, "cannot make a pipe: %s", strerror(errno));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  pid_t child = 0;
  const double begin = now();
  const int refused = spawnSelf(child, &actions, arguments);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (refused != 0) {
    close(ends[0]);
    return fail(exitFailed, "cannot start the executable again: %s", strerror(refused));
  }
  char byte;
  ssize_t got;
  do
    got = read(ends[0], &byte, 1);
  while (got < 0 && errno == EINTR);
  seconds = now() - begin;

  int status = 0;
  struct rusage usage;
  pid_t ended;
  do
    ended = wait4(child, &status, 0, &usage);
  while (ended < 0 && errno == EINTR);
  close(ends[0]);
  if (got != 1 || ended != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return fail(WIFEXITED(status) && WEXITSTATUS(status) == exitMissing ? exitMissing : exitFailed,
                "a new process of this executable gave no token");
  peakBytes = static_cast<uint64_t>(usage.ru_maxrss) * 1024;
  return exitDone;
}

int measureStart(const MachineOptions &machine, uint32_t threads, int64_t repetitions,
                 StartRow &row) {
  char number[16];
  snprintf(number, sizeof number, "%u", threads);
  const char *arguments[maxArguments] = {ingot_model_name(ingot_cli_model()), "--ingot-verb",
                                         "start"};
  size_t count = 3;
  const auto add = [&](const char *name, const char *value) {
    arguments[count++] = name;
    arguments[count++] = value;
  };
  if (threads != 0)
    add("-t", number);
  if (machine.level)
    add("--level", machine.level);
  if (machine.weights)
    add("--weights", machine.weights);

  Array<double> times;
  for (int64_t i = 0; i < repetitions; ++i) {
    double seconds = 0;
    uint64_t peak = 0;
    if (int code = startOnce(const_cast<char *const *>(arguments), seconds, peak))
      return code;
    row.peakRssBytes = peak > row.peakRssBytes ? peak : row.peakRssBytes;
    if (!times.push(seconds * 1e3))
      return fail(exitFailed, "out of memory");
  }
  row.firstTokenMs = spreadOf(times).median;
  return exitDone;
}

} // namespace ingot::cli
