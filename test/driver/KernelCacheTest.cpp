#include "compiler/driver/KernelCache.h"

#include "compiler/driver/KernelBuild.h"
#include "compiler/driver/Sha256.h"
#include "test/driver/Folder.h"

#include "llvm/Config/llvm-config.h"

#include <sys/wait.h>
#include <unistd.h>

using namespace ingot;
using namespace ingot::test;

namespace {

TEST(KernelCache, GivesBackWhatWasStored) {
  Folder folder;
  const KernelCache cache(folder / "cache");
  const std::string key = sha256Hex("key"), object("\0\x7f"
                                                   "ELF\n",
                                                   6);
  EXPECT_EQ(cache.find(key), std::nullopt);
  cache.store(key, object);
  EXPECT_EQ(cache.find(key), object);
  cache.store(key, "");
  EXPECT_EQ(cache.find(key), "");
  EXPECT_EQ(cache.find(sha256Hex("other")), std::nullopt);
}

TEST(KernelCache, EveryDamagedByteAndEveryLengthIsNoticed) {
  Folder folder;
  const KernelCache cache(folder / "cache");
  const std::string key = sha256Hex("key"), object = "the object";
  cache.store(key, object);
  const std::string path = cache.pathOf(key), whole = readText(path);
  for (size_t i = 0; i < whole.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = whole;
      damaged[i] = static_cast<char>(damaged[i] ^ (1 << bit));
      std::ofstream(path) << damaged;
      EXPECT_EQ(cache.find(key), std::nullopt) << "byte " << i << ", bit " << bit;
      EXPECT_FALSE(std::filesystem::exists(path)) << "what is damaged is removed";
    }
    std::ofstream(path) << whole.substr(0, i);
    EXPECT_EQ(cache.find(key), std::nullopt) << "length " << i;
  }
  cache.store(key, object);
  EXPECT_EQ(cache.find(key), object);
}

TEST(KernelCache, AFolderThatCannotBeWrittenIsNoError) {
  Folder folder;
  folder.write("file", "");
  const KernelCache cache(folder / "file/cache");
  cache.store(sha256Hex("key"), "object");
  EXPECT_EQ(cache.find(sha256Hex("key")), std::nullopt);
  EXPECT_EQ(folder.names(), std::set<std::string>{"file"});
}

TEST(KernelCache, KilledWritersLeaveNoWrongEntry) {
  Folder folder;
  const KernelCache cache(folder / "cache");
  const std::string key = sha256Hex("key"), object(400000, 'o');
  for (int round = 0; round < 60; ++round) {
    const pid_t child = fork();
    if (child == 0)
      for (;;)
        cache.store(key, object);
    usleep(static_cast<useconds_t>(500 + 137 * round));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    const std::optional<std::string> found = cache.find(key);
    EXPECT_TRUE(!found || *found == object);
  }
}

TEST(KernelCache, DefaultFolderFollowsTheEnvironment) {
  setenv("HOME", "/home/x", 1);
  unsetenv("XDG_CACHE_HOME");
  EXPECT_EQ(KernelCache::defaultFolder(), "/home/x/.cache/ingot");
  setenv("XDG_CACHE_HOME", "/caches", 1);
  EXPECT_EQ(KernelCache::defaultFolder(), "/caches/ingot");
  setenv("XDG_CACHE_HOME", "relative", 1);
  EXPECT_EQ(KernelCache::defaultFolder(), "/home/x/.cache/ingot");
  unsetenv("XDG_CACHE_HOME");
  unsetenv("HOME");
  EXPECT_EQ(KernelCache::defaultFolder(), "");
  KernelCache().store(sha256Hex("key"), "object"); // without a home: no cache, no harm
}

/// An installation whose kernel compiler is a script: it writes its arguments, one a line.
struct FakeInstallation {
  Folder folder;
  explicit FakeInstallation(const std::string &body) {
    std::filesystem::create_directories(folder / "bin");
    folder.write("bin/ingot-kernel", "#!/bin/sh\n" + body);
    std::filesystem::permissions(folder / "bin/ingot-kernel", std::filesystem::perms::owner_all);
  }
  Installation get() const { return Installation(folder.path.string()); }
};

constexpr char kWriter[] = "[ \"$1\" = --version ] && { echo 1; exit; }\n"
                           "echo run >> \"${0%/*}/../log\"\n"
                           "printf '%s\\n' \"$@\" > \"$8\"\n";

Level makeLevel() {
  Level level = {};
  level.name = "fast";
  level.halideTarget = "machine";
  return level;
}
const Level kLevel = makeLevel();
Target makeTarget() {
  Target target = {};
  target.name = target.triple = "test";
  return target;
}
const Target kTarget = makeTarget();

KernelRequest request(const Folder &out, int64_t rows) {
  const std::string symbol = "k" + std::to_string(rows);
  return {{"matvec", {{"cols", 64}, {"rows", rows}}}, &kLevel, symbol, out / (symbol + ".o")};
}

llvm::Expected<KernelBuildStats> build(const FakeInstallation &installation, const Folder &cache,
                                       std::vector<KernelRequest> requests) {
  auto made = KernelBuild::create(installation.get(), kTarget, KernelCache(cache / "cache"));
  if (!made)
    return made.takeError();
  Progress progress(/*verbose=*/false);
  return made->build(requests, /*parallel=*/2, progress);
}

TEST(KernelBuild, CompilesOnceAndThenTakesFromTheCache) {
  FakeInstallation installation(kWriter);
  Folder cache, first, second;
  auto cold = build(installation, cache, {request(first, 1), request(first, 2)});
  ASSERT_TRUE(bool(cold)) << textOf(cold.takeError());
  EXPECT_EQ(cold->compiled, 2u);
  EXPECT_NE(readText(first / "k2.o").find("--params=cols=64,rows=2\n"), std::string::npos);
  auto warm =
      build(installation, cache, {request(second, 1), request(second, 2), request(second, 3)});
  ASSERT_TRUE(bool(warm)) << textOf(warm.takeError());
  EXPECT_EQ(warm->cached, 2u);
  EXPECT_EQ(warm->compiled, 1u);
  EXPECT_EQ(readText(installation.folder / "log"), "run\nrun\nrun\n");
  EXPECT_EQ(readText(second / "k1.o"), readText(first / "k1.o"));
}

TEST(KernelBuild, AnotherCompilerMeansOtherKernels) {
  FakeInstallation one(kWriter), two(std::string(kWriter) + "# newer\n");
  Folder cache, out;
  ASSERT_TRUE(bool(build(one, cache, {request(out, 1)})));
  auto other = build(two, cache, {request(out, 1)});
  ASSERT_TRUE(bool(other));
  EXPECT_EQ(other->compiled, 1u);
}

TEST(KernelBuild, EverythingThatDecidesIsInTheKey) {
  FakeInstallation installation(kWriter);
  Folder folder;
  auto made = KernelBuild::create(installation.get(), kTarget, KernelCache(folder / "cache"));
  ASSERT_TRUE(bool(made));
  std::set<std::string> keys;
  KernelRequest base = request(folder, 1);
  keys.insert(made->keyOf(base));
  KernelRequest changed = base;
  changed.spec.algorithm = "matmat";
  keys.insert(made->keyOf(changed));
  changed = base;
  changed.spec.params["rows"] = 2;
  keys.insert(made->keyOf(changed));
  changed = base;
  changed.spec.params["more"] = 2;
  keys.insert(made->keyOf(changed));
  changed = base;
  changed.symbol = "other";
  keys.insert(made->keyOf(changed));
  changed = base;
  changed.emit = "asm";
  keys.insert(made->keyOf(changed));
  Level level = kLevel;
  level.halideTarget = "machine-more";
  changed = base;
  changed.level = &level;
  keys.insert(made->keyOf(changed));
  Level renamed = kLevel;
  renamed.name = "faster";
  changed.level = &renamed;
  keys.insert(made->keyOf(changed));
  EXPECT_EQ(keys.size(), 8u);
  changed = base;
  changed.output = "elsewhere";
  EXPECT_TRUE(keys.count(made->keyOf(changed))) << "where it goes decides nothing";
}

/// PATH with a clang of that version in front.
struct FakeClang {
  Folder folder;
  std::string before = getenv("PATH");
  explicit FakeClang(const std::string &version) {
    const std::string name = "clang-" + std::to_string(LLVM_VERSION_MAJOR);
    folder.write(name, "#!/bin/sh\necho " + version + "\n");
    std::filesystem::permissions(folder / name, std::filesystem::perms::owner_all);
    setenv("PATH", (folder.path.string() + ":" + before).c_str(), 1);
  }
  ~FakeClang() { setenv("PATH", before.c_str(), 1); }
};

// A level may have kernels that the kernel compiler hands to clang.
TEST(KernelBuild, WhatClangCompilesIsKeyedByClang) {
  FakeInstallation installation(kWriter);
  Folder out;
  Level level = kLevel;
  level.kernelText = [](const KernelSpec &, std::string_view) { return std::string("text"); };
  const Level levels[] = {kLevel, level};
  Target target = kTarget;
  target.levels = levels;
  KernelRequest byHalide = request(out, 1), byClang = request(out, 2);
  byHalide.level = &levels[0];
  byClang.level = &levels[1];
  std::set<std::string> halideKeys, clangKeys;
  for (const char *version : {"1", "2", "2"}) {
    const FakeClang clang(version);
    auto made = KernelBuild::create(installation.get(), target, KernelCache(out / version));
    ASSERT_TRUE(bool(made)) << textOf(made.takeError());
    halideKeys.insert(made->keyOf(byHalide));
    clangKeys.insert(made->keyOf(byClang));
    Progress progress(/*verbose=*/false);
    ASSERT_TRUE(bool(made->build({byHalide, byClang}, /*parallel=*/1, progress)));
    EXPECT_EQ(readText(byHalide.output).find("--clang="), std::string::npos);
    EXPECT_NE(readText(byClang.output).find("--clang=" + clang.folder.path.string()),
              std::string::npos);
    std::filesystem::remove_all(out / version);
  }
  EXPECT_EQ(halideKeys.size(), 1u);
  EXPECT_EQ(clangKeys.size(), 2u);
}

TEST(KernelBuild, ACrashingCompilerIsACleanError) {
  FakeInstallation installation("[ \"$1\" = --version ] && { echo 1; exit; }\n"
                                "echo no schedule >&2; kill -SEGV $$\n");
  Folder cache, out;
  auto failed = build(installation, cache, {request(out, 1), request(out, 2)});
  ASSERT_FALSE(bool(failed));
  const std::string text = textOf(failed.takeError());
  EXPECT_NE(text.find("compiling kernel 'k"), std::string::npos) << text;
  EXPECT_NE(text.find("signal 11\nno schedule"), std::string::npos) << text;
}

TEST(KernelBuild, ACompilerThatWritesNothingIsAnError) {
  FakeInstallation installation("echo 1\n");
  Folder cache, out;
  EXPECT_NE(textOf(build(installation, cache, {request(out, 1)}).takeError()).find("cannot open"),
            std::string::npos);
}

} // namespace
