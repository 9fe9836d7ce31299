#include "compiler/driver/OutputDirectory.h"

#include "compiler/driver/DriverError.h"
#include "compiler/driver/Files.h"
#include "test/driver/Folder.h"

#include <csignal>
#include <random>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace ingot;
using namespace ingot::test;

namespace {

std::unique_ptr<OutputDirectory> open(const std::string &path, bool force = false) {
  auto output = OutputDirectory::create(path, force);
  EXPECT_TRUE(bool(output)) << textOf(output.takeError());
  return output ? std::move(*output) : nullptr;
}

int exitCodeOf(llvm::Error error) {
  int code = kExitDone;
  llvm::handleAllErrors(std::move(error), [&](const DriverError &e) { code = e.exitCode(); });
  return code;
}

TEST(OutputDirectory, AppearsAtPublishAndNotBefore) {
  Folder folder;
  auto output = open(folder / "out");
  EXPECT_EQ(textOf(writeFile(output->file("a"), "text")), "");
  EXPECT_EQ(textOf(writeFile(output->workFile("scrap"), "scrap")), "");
  EXPECT_FALSE(std::filesystem::exists(folder / "out"));
  EXPECT_EQ(textOf(output->publish()), "");
  EXPECT_EQ(folder.names(), std::set<std::string>{"out"});
  EXPECT_EQ(readText(folder / "out/a"), "text");
  EXPECT_FALSE(std::filesystem::exists(folder / "out/.work"));
}

TEST(OutputDirectory, HasTheModeOfAnOrdinaryFolder) {
  Folder folder;
  const mode_t mask = umask(027);
  auto output = open(folder / "out");
  EXPECT_EQ(textOf(output->publish()), "");
  umask(mask);
  struct stat status;
  ASSERT_EQ(stat((folder / "out").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0750u);
}

TEST(OutputDirectory, LeavesNothingWhenGivenUp) {
  Folder folder;
  folder.write("other", "");
  {
    auto output = open(folder / "out");
    EXPECT_EQ(textOf(writeFile(output->file("a"), "text")), "");
  }
  EXPECT_EQ(folder.names(), std::set<std::string>{"other"});
}

TEST(OutputDirectory, TakesAnEmptyFolderAndMakesParents) {
  Folder folder;
  std::filesystem::create_directories(folder / "empty");
  EXPECT_EQ(textOf(open(folder / "empty/")->publish()), "");
  EXPECT_EQ(textOf(open(folder / "a/b/out")->publish()), "");
  EXPECT_TRUE(std::filesystem::is_directory(folder / "a/b/out"));
}

TEST(OutputDirectory, RefusesWhatIsNotItsOwn) {
  Folder folder;
  folder.write("file", "");
  std::filesystem::create_directories(folder / "full");
  folder.write("full/x", "");
  for (bool force : {false, true})
    for (const char *name : {"file", "full"})
      EXPECT_EQ(exitCodeOf(OutputDirectory::create(folder / name, force).takeError()), kExitUsage);
  folder.write("full/report.json", "{}");
  EXPECT_EQ(exitCodeOf(OutputDirectory::create(folder / "full", false).takeError()), kExitUsage);
  EXPECT_EQ(exitCodeOf(OutputDirectory::create("", false).takeError()), kExitUsage);
  EXPECT_EQ(exitCodeOf(OutputDirectory::create("/", true).takeError()), kExitUsage);
  EXPECT_EQ(exitCodeOf(OutputDirectory::create(folder / "file/out", true).takeError()),
            kExitFailed);
  EXPECT_EQ(folder.names(), (std::set<std::string>{"file", "full"}));
}

TEST(OutputDirectory, ForceReplacesAnEarlierOutputWhole) {
  Folder folder;
  std::filesystem::create_directories(folder / "out");
  folder.write("out/report.json", "{}");
  folder.write("out/old", "");
  auto output = open(folder / "out", /*force=*/true);
  EXPECT_TRUE(std::filesystem::exists(folder / "out/old"));
  EXPECT_EQ(textOf(writeFile(output->file("report.json"), "new")), "");
  EXPECT_EQ(textOf(output->publish()), "");
  EXPECT_EQ(folder.names(), std::set<std::string>{"out"});
  EXPECT_FALSE(std::filesystem::exists(folder / "out/old"));
  EXPECT_EQ(readText(folder / "out/report.json"), "new");
}

TEST(OutputDirectory, LooksAgainBeforeItPublishes) {
  Folder folder;
  auto output = open(folder / "out");
  std::filesystem::create_directories(folder / "out");
  folder.write("out/precious", "mine");
  EXPECT_EQ(exitCodeOf(output->publish()), kExitUsage);
  output.reset();
  EXPECT_EQ(readText(folder / "out/precious"), "mine");
  EXPECT_EQ(folder.names(), std::set<std::string>{"out"});
}

TEST(OutputDirectory, ClearsUpAfterKilledOnesOnly) {
  Folder folder;
  const auto old = std::filesystem::file_time_type::clock::now() - std::chrono::hours(1);
  for (const char *name : {".out.ingot-dead00", ".outer.ingot-dead00", "out.ingot-dead00"}) {
    std::filesystem::create_directories(folder / name);
    std::filesystem::last_write_time(folder / name, old);
  }
  auto living = open(folder / "out");
  std::filesystem::last_write_time(living->file(""), old); // locked, whatever its age
  auto second = open(folder / "out");
  EXPECT_TRUE(std::filesystem::exists(living->file("")));
  EXPECT_FALSE(std::filesystem::exists(folder / ".out.ingot-dead00"));
  EXPECT_TRUE(std::filesystem::exists(folder / ".outer.ingot-dead00"));
  EXPECT_TRUE(std::filesystem::exists(folder / "out.ingot-dead00"));
}

constexpr int kParts = 6;

/// A compile in small: some files, the list of them, publish. Never returns.
[[noreturn]] void produce(const std::string &path, bool force) {
  auto output = OutputDirectory::create(path, force);
  if (!output)
    _exit(9);
  for (int i = 0; i < kParts; ++i)
    if (writeFile((*output)->file("part" + std::to_string(i)), std::string(5000, 'x')))
      _exit(8);
  if (writeFile((*output)->file("report.json"), "{}") || (*output)->publish())
    _exit(7);
  _exit(0);
}

bool isWhole(const std::string &path) {
  for (int i = 0; i < kParts; ++i)
    if (readText(path + "/part" + std::to_string(i)).size() != 5000)
      return false;
  return readText(path + "/report.json") == "{}";
}

TEST(OutputDirectory, KilledAtRandomMomentsIsAbsentOrWhole) {
  std::mt19937 random(11);
  int absent = 0, whole = 0;
  for (int round = 0; round < 200; ++round) {
    Folder folder;
    const bool force = round % 2 == 1;
    if (force) { // an earlier output must stay whole until the new one is
      const pid_t first = fork();
      if (first == 0)
        produce(folder / "out", false);
      waitpid(first, nullptr, 0);
      ASSERT_TRUE(isWhole(folder / "out"));
    }
    const pid_t child = fork();
    if (child == 0)
      produce(folder / "out", force);
    usleep(random() % 6000);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    const bool exists = std::filesystem::exists(folder / "out");
    ASSERT_TRUE(!exists || isWhole(folder / "out")) << "round " << round;
    ASSERT_TRUE(exists || !force) << "round " << round;
    for (const std::string &name : folder.names())
      ASSERT_TRUE(name == "out" || name.starts_with(".out.ingot-")) << name;
    ++(exists ? whole : absent);
  }
  // Both ends were reached, so the moments really lay in between.
  EXPECT_GT(absent, 0);
  EXPECT_GT(whole, 0);
}

TEST(OutputDirectory, AnInterruptLeavesNothing) {
  for (int number : {SIGINT, SIGTERM, SIGHUP}) {
    Folder folder;
    int ready[2];
    ASSERT_EQ(pipe(ready), 0);
    const pid_t child = fork();
    if (child == 0) {
      Interrupt::install();
      auto output = OutputDirectory::create(folder / "out", false);
      if (!output || writeFile((*output)->file("part"), "x") || write(ready[1], "r", 1) != 1)
        _exit(9);
      // Goes on writing while it is being removed.
      for (int i = 0;; ++i)
        llvm::consumeError(writeFile((*output)->file("part" + std::to_string(i)), "x"));
    }
    char byte;
    ASSERT_EQ(read(ready[0], &byte, 1), 1);
    kill(child, number);
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 128 + number);
    EXPECT_EQ(folder.names(), std::set<std::string>{});
    close(ready[0]);
    close(ready[1]);
  }
}

} // namespace
