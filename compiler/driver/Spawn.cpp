#include "compiler/driver/Spawn.h"

#include "compiler/driver/DriverError.h"
#include "compiler/driver/ProcessPool.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern "C" char **environ;

using namespace ingot;

namespace {

/// posix_spawn's two descriptions of a child.
struct SpawnPlan {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;

  SpawnPlan() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    // The driver blocks and ignores signals that a child has to see.
    sigset_t none, plain;
    sigemptyset(&none);
    sigemptyset(&plain);
    for (int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE})
      sigaddset(&plain, number);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &plain);
    setFlags(0);
  }
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }

  void setFlags(int more) {
    posix_spawnattr_setflags(
        &attributes, static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | more));
  }

  int spawn(const std::vector<std::string> &command, pid_t &pid) {
    std::vector<char *> arguments;
    for (const std::string &word : command)
      arguments.push_back(const_cast<char *>(word.c_str()));
    arguments.push_back(nullptr);
    return posix_spawnp(&pid, arguments[0], &actions, &attributes, arguments.data(), environ);
  }
};

} // namespace

int ingot::spawnCaptured(const std::vector<std::string> &command, const std::string &folder,
                         pid_t &pid, int &output, int &errors) {
  int out[2], err[2];
  if (pipe2(out, O_CLOEXEC) != 0)
    return errno;
  if (pipe2(err, O_CLOEXEC) != 0) {
    const int reason = errno;
    close(out[0]);
    close(out[1]);
    return reason;
  }
  SpawnPlan plan;
  plan.setFlags(POSIX_SPAWN_SETPGROUP);
  posix_spawnattr_setpgroup(&plan.attributes, 0);
  posix_spawn_file_actions_addopen(&plan.actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&plan.actions, out[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&plan.actions, err[1], STDERR_FILENO);
  if (!folder.empty())
    posix_spawn_file_actions_addchdir_np(&plan.actions, folder.c_str());
  const int refused = plan.spawn(command, pid);
  close(out[1]);
  close(err[1]);
  if (refused != 0) {
    close(out[0]);
    close(err[0]);
    return refused;
  }
  for (int end : {out[0], err[0]})
    fcntl(end, F_SETFL, O_NONBLOCK);
  output = out[0];
  errors = err[0];
  return 0;
}

int ingot::spawnInherited(const std::vector<std::string> &command, pid_t &pid) {
  return SpawnPlan().spawn(command, pid);
}

// The child that runInForeground waits for; the handler hands it what was meant for it.
static volatile sig_atomic_t foreground = 0;
static void passOn(int number, siginfo_t *info, void *) {
  // The terminal sends to the whole group, so the child has its own; what a process sent to us
  // alone is handed on.
  if (foreground != 0 && info->si_code <= 0)
    kill(static_cast<pid_t>(foreground), number);
}

llvm::Expected<int> ingot::runInForeground(const std::vector<std::string> &command) {
  struct sigaction action = {};
  action.sa_sigaction = passOn;
  action.sa_flags = SA_SIGINFO;
  for (int number : {SIGINT, SIGTERM, SIGHUP})
    sigaction(number, &action, nullptr);

  pid_t pid = 0;
  if (int refused = spawnInherited(command, pid))
    return systemError("start", command.front(), refused);
  foreground = pid;
  int status = 0;
  while (waitpid(pid, &status, 0) < 0)
    if (errno != EINTR)
      return systemError("wait for", command.front(), errno);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
