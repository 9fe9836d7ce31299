#include "compiler/driver/ProcessPool.h"

#include "compiler/driver/DriverError.h"
#include "compiler/driver/Interrupt.h"
#include "test/driver/Folder.h"

#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

using namespace ingot;
using namespace ingot::test;

namespace {

ProcessSpec shell(const std::string &text, double limit = 60) {
  return {{"/bin/sh", "-c", text}, /*folder=*/{}, limit};
}

TEST(ProcessPool, KeepsBothOutputsAndTheExitCode) {
  const ProcessResult result = runProcess(shell("echo out; echo err >&2; exit 3"));
  EXPECT_EQ(result.output, "out\n");
  EXPECT_EQ(result.errors, "err\n");
  EXPECT_EQ(result.exitCode, 3);
  EXPECT_FALSE(result.good());
  EXPECT_TRUE(runProcess(shell("exit 0")).good());
}

TEST(ProcessPool, ACrashIsAResult) {
  const ProcessSpec spec = shell("echo last words >&2; kill -SEGV $$");
  const ProcessResult result = runProcess(spec);
  EXPECT_EQ(result.signal, SIGSEGV);
  EXPECT_EQ(result.exitCode, -1);
  EXPECT_EQ(textOf(processError("compiling kernel 'k'", spec, result)),
            "ingot: error: compiling kernel 'k': '/bin/sh' was ended by signal 11\nlast words");
}

TEST(ProcessPool, WhatCannotBeStartedIsAResult) {
  const ProcessSpec spec = {{"/nowhere/tool"}, {}};
  const ProcessResult result = runProcess(spec);
  EXPECT_FALSE(result.started);
  int code = 0;
  llvm::handleAllErrors(processError("linking", spec, result),
                        [&](const DriverError &e) { code = e.exitCode(); });
  EXPECT_EQ(code, kExitMissing);
}

TEST(ProcessPool, EndsWhatTakesTooLongWithAllItsChildren) {
  Folder folder;
  const ProcessResult result =
      runProcess(shell("(sleep 1; touch " + folder / "survived" + ") & sleep 60", /*limit=*/0.2));
  EXPECT_TRUE(result.timedOut);
  EXPECT_LT(result.seconds, 30);
  usleep(1500000);
  EXPECT_EQ(folder.names(), std::set<std::string>{});
}

TEST(ProcessPool, ReadsMoreThanAPipeHolds) {
  const ProcessResult result =
      runProcess(shell("head -c 1000000 /dev/zero; head -c 300000 /dev/zero >&2"));
  EXPECT_EQ(result.output.size(), 1000000u);
  EXPECT_EQ(result.errors.size(), 300000u);
}

TEST(ProcessPool, HasNoInputAndNoBlockedSignals) {
  EXPECT_EQ(runProcess({{"/bin/cat"}, {}}).output, "");
  sigset_t all, old;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, &old);
  const ProcessResult result = runProcess(shell("grep SigBlk /proc/self/status"));
  sigprocmask(SIG_SETMASK, &old, nullptr);
  EXPECT_EQ(result.output, "SigBlk:\t0000000000000000\n");
}

TEST(ProcessPool, RunsAllAndNeverMoreThanAllowed) {
  Folder folder;
  std::vector<ProcessSpec> specs;
  for (int i = 0; i < 12; ++i)
    specs.push_back(shell("cd " + folder.path.string() + " && touch run" + std::to_string(i) +
                          " && ls run* | wc -l && sleep 0.05 && rm run" + std::to_string(i) +
                          (i % 3 == 0 ? " && kill -9 $$" : "")));
  size_t ended = 0, crashed = 0;
  EXPECT_TRUE(runProcesses(specs, /*parallel=*/3, [&](size_t, ProcessResult result) {
    ++ended;
    crashed += result.signal == SIGKILL;
    EXPECT_LE(std::stoi(result.output), 3);
    return true;
  }));
  EXPECT_EQ(ended, 12u);
  EXPECT_EQ(crashed, 4u);
}

TEST(ProcessPool, StopsAtTheFirstRefusal) {
  Folder folder;
  std::vector<ProcessSpec> specs = {shell("exit 1")};
  for (int i = 0; i < 5; ++i)
    specs.push_back(shell("sleep 0.5; touch " + folder / ("late" + std::to_string(i))));
  EXPECT_FALSE(runProcesses(specs, /*parallel=*/2,
                            [](size_t, ProcessResult result) { return result.good(); }));
  usleep(1000000);
  EXPECT_EQ(folder.names(), std::set<std::string>{});
}

TEST(ProcessPool, AnInterruptEndsTheChildren) {
  Folder folder;
  const pid_t parent = fork();
  if (parent == 0) {
    Interrupt::install();
    runProcess(shell("touch " + folder / "began" + "; sleep 1; touch " + folder / "survived"));
    _exit(9);
  }
  while (!std::filesystem::exists(folder / "began"))
    usleep(1000);
  kill(parent, SIGTERM);
  int status = 0;
  waitpid(parent, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 128 + SIGTERM);
  usleep(1500000);
  EXPECT_EQ(folder.names(), std::set<std::string>{"began"});
}

} // namespace
