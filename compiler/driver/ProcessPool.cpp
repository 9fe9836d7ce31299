#include "compiler/driver/ProcessPool.h"

#include "compiler/driver/DriverError.h"
#include "compiler/driver/Interrupt.h"
#include "compiler/driver/Spawn.h"

#include "llvm/ADT/StringExtras.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <poll.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace ingot;
using Clock = std::chrono::steady_clock;

namespace {

/// One of a child's outputs. What it says beyond the limit is read and dropped, so that a child
/// that talks without end neither blocks nor fills our memory.
struct Stream {
  static constexpr size_t kLimit = size_t(16) << 20;

  int descriptor = -1;
  std::string text;

  ~Stream() { end(); }

  void end() {
    if (descriptor >= 0)
      close(descriptor);
    descriptor = -1;
  }

  /// Takes what is there now.
  void take() {
    char piece[1 << 14];
    while (descriptor >= 0) {
      const ssize_t got = read(descriptor, piece, sizeof piece);
      if (got > 0)
        text.append(piece,
                    std::min(static_cast<size_t>(got), kLimit - std::min(kLimit, text.size())));
      else if (got == 0 || (errno != EINTR && errno != EAGAIN))
        end();
      else if (errno == EAGAIN)
        return;
    }
  }
};

struct Child {
  size_t index;
  pid_t pid;
  Stream output, errors;
  Clock::time_point begin, deadline;
  bool timedOut = false;
};

class Pool {
public:
  Pool(const std::vector<ProcessSpec> &specs, unsigned parallel,
       const std::function<bool(size_t, ProcessResult)> &onDone)
      : specs(specs), parallel(std::max(1u, parallel)), onDone(onDone),
        guard([this] { killAll(); }) {}

  bool run();

private:
  bool start(size_t index);
  void wait();
  bool reap();
  void killAll();
  ProcessResult finish(Child &child, int status) const;

  const std::vector<ProcessSpec> &specs;
  const unsigned parallel;
  const std::function<bool(size_t, ProcessResult)> &onDone;
  std::vector<std::unique_ptr<Child>> children;
  Interrupt::Action guard;
};

bool Pool::start(size_t index) {
  const ProcessSpec &spec = specs[index];
  int refused = 0;
  // In one piece: a child that an interrupt does not know of would outlive us.
  Interrupt::hold([&] {
    auto child = std::make_unique<Child>();
    child->index = index;
    child->begin = Clock::now();
    child->deadline = child->begin + std::chrono::duration_cast<Clock::duration>(
                                         std::chrono::duration<double>(spec.timeLimit));
    refused = spawnCaptured(spec.command, spec.folder, child->pid, child->output.descriptor,
                            child->errors.descriptor);
    if (refused == 0)
      children.push_back(std::move(child));
  });
  if (refused == 0)
    return true;
  ProcessResult result;
  result.errors = strerror(refused);
  return onDone(index, std::move(result));
}

void Pool::wait() {
  std::vector<pollfd> polled;
  for (const auto &child : children)
    for (int descriptor : {child->output.descriptor, child->errors.descriptor})
      if (descriptor >= 0)
        polled.push_back({descriptor, POLLIN, 0});
  // The end of a process is no event of its pipes, so it is looked for after a while at most.
  constexpr int kMilliseconds = 10;
  poll(polled.data(), polled.size(), kMilliseconds);
}

ProcessResult Pool::finish(Child &child, int status) const {
  child.output.take(); // what was still in the pipes
  child.errors.take();
  ProcessResult result;
  result.started = true;
  result.timedOut = child.timedOut;
  if (WIFEXITED(status))
    result.exitCode = WEXITSTATUS(status);
  else
    result.signal = WTERMSIG(status);
  result.output = std::move(child.output.text);
  result.errors = std::move(child.errors.text);
  result.seconds = std::chrono::duration<double>(Clock::now() - child.begin).count();
  return result;
}

bool Pool::reap() {
  for (size_t i = 0; i < children.size();) {
    Child &child = *children[i];
    child.output.take();
    child.errors.take();
    if (!child.timedOut && Clock::now() > child.deadline) {
      child.timedOut = true;
      kill(-child.pid, SIGKILL);
    }
    int status = 0;
    pid_t ended = 0;
    std::unique_ptr<Child> done;
    // Together, so that an interrupt never kills a number that means another process by now.
    Interrupt::hold([&] {
      ended = waitpid(child.pid, &status, WNOHANG);
      if (ended == 0 || (ended < 0 && errno == EINTR))
        return;
      done = std::move(children[i]);
      children.erase(children.begin() + static_cast<ptrdiff_t>(i));
    });
    if (!done)
      ++i;
    else if (!onDone(done->index, finish(*done, status)))
      return false;
  }
  return true;
}

void Pool::killAll() {
  for (const auto &child : children)
    kill(-child->pid, SIGKILL);
}

bool Pool::run() {
  size_t next = 0;
  bool good = true;
  while (good && (next < specs.size() || !children.empty())) {
    while (good && next < specs.size() && children.size() < parallel)
      good = start(next++);
    if (good && !children.empty()) {
      wait();
      good = reap();
    }
  }
  Interrupt::hold([&] {
    killAll();
    for (const auto &child : children)
      while (waitpid(child->pid, nullptr, 0) < 0 && errno == EINTR) {
      }
    children.clear();
  });
  return good;
}

} // namespace

bool ingot::runProcesses(const std::vector<ProcessSpec> &specs, unsigned parallel,
                         const std::function<bool(size_t, ProcessResult)> &onDone) {
  return Pool(specs, parallel, onDone).run();
}

ProcessResult ingot::runProcess(const ProcessSpec &spec) {
  ProcessResult only;
  runProcesses({spec}, /*parallel=*/1, [&](size_t, ProcessResult result) {
    only = std::move(result);
    return true;
  });
  return only;
}

llvm::Error ingot::processError(llvm::StringRef what, const ProcessSpec &spec,
                                const ProcessResult &result) {
  if (!result.started)
    return driverError(kExitMissing, "cannot start '" + spec.command.front() + "' for " + what +
                                         ": " + result.errors);
  std::string ended =
      result.timedOut
          ? "took longer than " + llvm::utostr(static_cast<uint64_t>(spec.timeLimit)) + " s"
      : result.signal != 0 ? "was ended by signal " + llvm::itostr(result.signal)
                           : "ended with exit code " + llvm::itostr(result.exitCode);
  constexpr size_t kMost = 4000;
  llvm::StringRef said = llvm::StringRef(result.errors).trim().take_back(kMost);
  return driverError(kExitFailed, what + ": '" + spec.command.front() + "' " + ended +
                                      (said.empty() ? "" : "\n") + said);
}

unsigned ingot::usableProcessors() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0)
    return 1;
  return static_cast<unsigned>(std::max(1, CPU_COUNT(&set)));
}
