//===- KernelLibrary.cpp - Kernels under test -----------------------------===//

#include "test/kernels/KernelLibrary.h"
#include "ingot/abi.h"
#include "targets/Targets.h"

#include <dlfcn.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <thread>
#include <utility>

using namespace ingot;
using namespace ingot::test;

// An emulated machine runs the levels below its own too; they have machines of their own.
static const char *onlyLevel() { return std::getenv("INGOT_TEST_LEVEL"); }

bool ingot::test::emulated() { return onlyLevel() != nullptr; }

// The line that links such a program, and the one that runs it.
static const char *guestLink() { return std::getenv("INGOT_GUEST_LINK"); }
static const char *guestRun() { return std::getenv("INGOT_GUEST_RUN"); }

bool ingot::test::inPrograms() { return guestLink() && guestRun(); }

std::vector<RunnableLevel> ingot::test::runnableLevels() {
  const char *only = std::getenv("INGOT_TEST_TARGET"), *level = onlyLevel();
  std::vector<RunnableLevel> levels;
  for (const Target *target : targets())
    for (const Level &candidate : target->levels)
      if ((!level || candidate.name == level) &&
          (only ? target->name == only : candidate.usableHere && candidate.usableHere()))
        levels.push_back({target, &candidate});
  return levels;
}

bool RunnableLevel::runs(const KernelSpec &spec) const {
  return flags.empty() || (level->kernelText && !level->kernelText(spec, "k").empty());
}

//===----------------------------------------------------------------------===//
// Compiling
//===----------------------------------------------------------------------===//

void KernelLibrary::add(const KernelSpec &spec, const RunnableLevel &level) {
  jobs.emplace(kernelSymbol(spec, level.level->name), Job{spec, level});
}

static std::string commandLine(const KernelSpec &spec, const RunnableLevel &level,
                               const std::string &output) {
  std::string params;
  for (const auto &[name, value] : spec.params)
    params += (params.empty() ? "" : ",") + name + "=" + std::to_string(value);
  // A remark that 16-bit floats are emulated is no news.
  const auto kernel = [&](const char *emit, const std::string &to) {
    return std::string(INGOT_KERNEL_TOOL) + " --algorithm " + spec.algorithm + " --params " +
           params + " --target " + std::string(level.target->name) + " --level " +
           std::string(level.level->name) + " --emit " + emit + " -o " + to + " 2> " + output +
           ".log";
  };
  const bool forTarget = level.target->kernelsFromSource || !level.flags.empty();
  if (level.target->objectFormat != ObjectFormat::Source && !forTarget)
    return kernel("obj", output);
  // As build.sh does, by the compiler that the environment names; or by clang, as the driver does.
  const char *named = std::getenv("INGOT_TEST_CXX");
  std::string compiler = named ? named : "c++";
  if (forTarget) {
    compiler = INGOT_CLANGXX " -ffreestanding -fno-math-errno --target=";
    compiler += level.target->triple;
    for (const std::span<const std::string_view> flags : {level.target->clangFlags, level.flags})
      for (const std::string_view flag : flags)
        compiler += " " + std::string(flag);
  }
  return kernel("cpp", output + ".cpp") + " && " + compiler +
         " -std=c++17 -O3 -ffp-contract=off -fno-strict-aliasing -fPIC -Wall -Wextra "
         "-Werror " INGOT_SOURCE_INCLUDES " -c " +
         output + ".cpp -o " + output;
}

std::string KernelLibrary::build() {
  std::string pattern = std::filesystem::temp_directory_path() / "ingot-kernels-XXXXXX";
  if (!mkdtemp(pattern.data()))
    return "no temporary folder";
  folder = pattern;

  std::vector<std::pair<std::string, std::string>> work; // command, symbol
  std::string objects;
  for (const auto &[symbol, job] : jobs) {
    const std::string object = folder + "/" + symbol + ".o";
    work.emplace_back(commandLine(job.spec, job.level, object), symbol);
    objects += object + "\n";
  }

  std::atomic<size_t> next = 0;
  std::vector<char> failed(work.size());
  auto worker = [&] {
    for (size_t i; (i = next++) < work.size();)
      failed[i] = std::system(work[i].first.c_str()) != 0;
  };
  std::thread second(worker);
  worker();
  second.join();
  for (size_t i = 0; i < work.size(); ++i)
    if (failed[i])
      return "failed: " + work[i].first;

  const bool isModule =
      !jobs.empty() && jobs.begin()->second.level.target->objectFormat == ObjectFormat::Module;
  const std::string response = folder + "/objects", library = folder + "/kernels.so";
  if (FILE *file = std::fopen(response.c_str(), "w")) {
    std::fputs(objects.c_str(), file);
    std::fclose(file);
  }
  // A machine whose programs an emulator runs, and on which the tests themselves cannot be built.
  const bool isProgram = inPrograms();
  const std::string link = isProgram
                               ? guestLink() + (" " + library) + " " + response
                               : std::string(isModule ? INGOT_MODULE_LD " --no-entry --export-all"
                                                      : INGOT_LLD " -shared") +
                                     " -o " + library + " @" + response;
  if (std::system(link.c_str()) != 0)
    return "failed: " + link;
  if (isProgram) {
    const std::string cpu(jobs.begin()->second.level.level->emulatedCpu);
    guest = std::make_unique<Guest>(guestRun() + (" " + cpu), library);
    return "";
  }
  if (isModule) {
    guest = std::make_unique<Guest>(INGOT_GUEST_HOST, library);
    return "";
  }
  handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  return handle ? "" : dlerror();
}

KernelLibrary::~KernelLibrary() {
  if (handle)
    dlclose(handle);
  if (!folder.empty())
    std::filesystem::remove_all(folder);
  if (handle || guest)
    std::printf("matrix: %zu kernels, %zu calls\n", jobs.size(), calls);
}

//===----------------------------------------------------------------------===//
// Calling
//===----------------------------------------------------------------------===//

namespace {

using Invoker = int (*)(void *, const int32_t *, ingot_buffer *);

/// One instance for each count of scalars and buffers: a kernel's C type is
/// int(int32_t..., ingot_buffer *...).
template <size_t> using Scalar = int32_t;
template <size_t> using Buffer = ingot_buffer *;

template <size_t... S, size_t... B>
constexpr Invoker makeInvoker(std::index_sequence<S...>, std::index_sequence<B...>) {
  return [](void *function, const int32_t *scalars, ingot_buffer *buffers) {
    using Kernel = int (*)(Scalar<S>..., Buffer<B>...);
    return reinterpret_cast<Kernel>(function)(scalars[S]..., &buffers[B]...);
  };
}

constexpr size_t kMaxScalars = 8, kMaxBuffers = 12;

template <size_t... I> constexpr auto makeInvokers(std::index_sequence<I...>) {
  return std::array<Invoker, sizeof...(I)>{
      makeInvoker(std::make_index_sequence<I / kMaxBuffers>(),
                  std::make_index_sequence<I % kMaxBuffers + 1>())...};
}

constexpr auto kInvokers = makeInvokers(std::make_index_sequence<kMaxScalars * kMaxBuffers>());

} // namespace

std::function<int()> KernelLibrary::bind(const KernelSpec &spec, const RunnableLevel &level,
                                         std::vector<int32_t> scalars,
                                         const std::vector<Buffer> &buffers) const {
  const auto refused = [] { return -1; };
  std::string error;
  const auto signature = kernelSignature(spec, error);
  const std::string symbol = kernelSymbol(spec, level.level->name);
  void *function = handle ? dlsym(handle, symbol.c_str()) : nullptr;
  if (!signature || (!function && !guest))
    return refused;
  std::vector<ingot_buffer> views;
  std::vector<GuestView> guestViews;
  size_t scalarCount = 0;
  for (const KernelArg &arg : signature->args) {
    if (arg.kind == KernelArg::Kind::Scalar) {
      ++scalarCount;
      continue;
    }
    if (views.size() == buffers.size())
      return refused;
    ingot_buffer view;
    std::memset(&view, 0xa5, sizeof(view)); // nothing but host is ever set
    const Buffer &buffer = buffers[views.size()];
    view.host = const_cast<uint8_t *>(buffer.at) + arg.byteOffset;
    guestViews.push_back({buffer, arg.byteOffset, arg.kind == KernelArg::Kind::Output});
    views.push_back(view);
  }
  if (scalarCount != scalars.size() || views.size() != buffers.size() || views.empty() ||
      scalarCount >= kMaxScalars || views.size() > kMaxBuffers)
    return refused;
  ++calls;
  if (guest)
    return [=, this] { return guest->call(symbol, scalars, guestViews); };
  const Invoker invoke = kInvokers[scalarCount * kMaxBuffers + views.size() - 1];
  return [=]() mutable { return invoke(function, scalars.data(), views.data()); };
}
