// The whole back half of `compile`, with a front end that hands over a model of a few lines.

#include "compiler/driver/CompileJob.h"

#include "compiler/driver/CompiledModel.h"
#include "compiler/driver/DriverError.h"
#include "compiler/driver/Files.h"
#include "compiler/driver/ProcessPool.h"
#include "compiler/driver/Sha256.h"
#include "targets/Targets.h"
#include "test/driver/Folder.h"

using namespace ingot;
using namespace ingot::test;

namespace {

constexpr int64_t kVocabulary = 50, kContext = 64;
constexpr size_t kImageBytes = 5000;

/// logits[v] = image[(7 * token + 3 * position + v) % 5000]; %NAME% and so on are filled in.
constexpr char kModelSource[] = R"(#include "ingot/abi.h"
extern "C" {
extern const uint8_t image_of_model[];
extern const ingot_model ingot_model_%SYMBOL%_table;
const ingot_model *ingot_model_%SYMBOL%(void);
int %USABLE%(void);
}
static void run(const ingot_step *s, uint32_t thread, uint32_t) {
  if (thread == 0)
    for (uint32_t r = s->first_logits_row; r < s->rows; ++r)
      for (uint32_t v = 0; v < 50; ++v)
        s->logits[(r - s->first_logits_row) * 50 + v] =
            s->weights[(7 * s->tokens[r] + 3 * (s->position + r) + v) % 5000];
}
static const ingot_entry entries[] = {{run, 1, 0, 64, 64}, {run, 32, 0, 64, 64}};
static const ingot_level levels[] = {{"%LEVEL%", %USABLE%, entries, 2, 0}};
const ingot_model ingot_model_%SYMBOL%_table = {
    INGOT_ABI_VERSION, sizeof(ingot_model), "%NAME%", "x", "by hand", 50, 1, 1, 1, 64, 4, 5000,
    100, {%HASH%}, %IMAGE%, {1}, levels, 1, 0, 0, -1, 0, 0, 0, 1, 0};
const ingot_model *ingot_model_%SYMBOL%(void) { return &ingot_model_%SYMBOL%_table; }
)";

std::string image() {
  std::string bytes;
  for (size_t i = 0; i < kImageBytes; ++i)
    bytes += static_cast<char>(i * i % 251 % 16);
  return bytes;
}

void replaceAll(std::string &text, const std::string &from, const std::string &to) {
  for (size_t at; (at = text.find(from)) != std::string::npos;)
    text.replace(at, from.size(), to);
}

struct FakeReference : ReferenceLogits {
  bool wrong;
  double rounding;
  FakeReference(bool wrong, double rounding) : wrong(wrong), rounding(rounding) {}
  int64_t vocabulary() const override { return kVocabulary; }
  int64_t context() const override { return kContext; }
  double klBound() const override { return 1e-9; }
  llvm::Expected<double> klBoundOfRounding() override { return rounding; }
  llvm::Expected<std::vector<float>> logits(llvm::ArrayRef<int32_t> ids) override {
    const std::string weights = image();
    std::vector<float> rows;
    for (size_t i = 0; i < ids.size(); ++i)
      for (size_t v = 0; v < static_cast<size_t>(kVocabulary); ++v)
        rows.push_back(weights[(7 * static_cast<size_t>(ids[i]) + 3 * i + v) % kImageBytes]);
    if (wrong)
      rows[11 * kVocabulary + 4] += 30; // in decode, the last position
    return rows;
  }
};

struct Setting {
  bool wrongReference = false;
  double rounding = 1e-9; // how far it alone may move the logits
  bool failFrontEnd = false;
};

llvm::Expected<EmittedModel> emitFake(const CompileOptions &options, const FrontEndPaths &paths,
                                      const Setting &setting) {
  if (setting.failFrontEnd)
    return driverError(kExitUnsupported, "an architecture from the future");
  if (llvm::Error error = writeFile(paths.imagePath, image()))
    return error;
  if (!paths.irFolder.empty())
    if (llvm::Error error = writeFile(joinPath(paths.irFolder, "llm.mlir"), "module {}\n"))
      return error;
  EmittedModel model;
  model.name = "tiny-one";
  std::string source = kModelSource;
  const Level &level = *options.levels.front();
  replaceAll(source, "%SYMBOL%", "tiny_one");
  replaceAll(source, "%NAME%", model.name);
  replaceAll(source, "%LEVEL%", std::string(level.name));
  replaceAll(source, "%USABLE%", std::string(level.usableSymbol));
  replaceAll(source, "%IMAGE%", options.sidecar ? "0" : "image_of_model");
  std::string words; // the digest in little-endian words
  const std::string hex = sha256Hex(image());
  for (int word = 0; word < 4; ++word) {
    words += word == 0 ? "0x" : ", 0x";
    for (int byte = 7; byte >= 0; --byte)
      words += hex.substr(static_cast<size_t>(16 * word + 2 * byte), 2);
  }
  replaceAll(source, "%HASH%", words);
  model.modelYaml = "ingot: 1\n";
  model.header = "/* the header */\n";
  model.sources.push_back({"tiny_one.cpp", source, {}});
  model.sources.push_back({"device.c", std::string(options.target->deviceSource), {}});
  if (!options.sidecar)
    model.sources.push_back({"image.s",
                             "  .section .rodata.ingot_image,\"a\",%progbits\n  .balign 4096\n"
                             "  .globl image_of_model\nimage_of_model:\n"
                             "  .incbin \"image.weights\"\n"
                             "  .section .note.GNU-stack,\"\",%progbits\n",
                             {}});
  model.weightsBytes = kImageBytes;
  model.report["parameters"] = 5000;
  model.reference = std::make_unique<FakeReference>(setting.wrongReference, setting.rounding);
  return model;
}

CompileOptions optionsFor(const Folder &folder, const std::string &name) {
  CompileOptions options;
  options.output = folder / name;
  options.target = findTarget("host");
  options.levels = {options.target->bestUsableHere()};
  options.emit = {.exe = true,
                  .lib = true,
                  .so = true,
                  .obj = true,
                  .assembly = true,
                  .cpp = true,
                  .mlir = true};
  options.cache = folder / "cache";
  return options;
}

llvm::Error compile(const CompileOptions &options, Setting setting = {}) {
  return CompileJob(options, Installation::ofThisProcess())
      .run([&](const FrontEndPaths &paths, Progress &) {
        return emitFake(options, paths, setting);
      });
}

std::map<std::string, std::string> hashesOf(const std::string &folder) {
  std::map<std::string, std::string> hashes;
  for (const auto &entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file())
      hashes[std::filesystem::relative(entry.path(), folder)] =
          sha256Hex(readText(entry.path().string()));
  return hashes;
}

TEST(CompileJob, WritesWhatTheContractNames) {
  Folder folder;
  const CompileOptions options = optionsFor(folder, "out");
  ASSERT_EQ(textOf(compile(options)), "");
  const auto files = hashesOf(folder / "out");
  for (const char *name :
       {"model.yaml", "tiny-one", "tiny-one.h", "libtiny-one.a", "libtiny-one.so", "report.json",
        "src/tiny_one.cpp", "asm/tiny_one.s", "obj/tiny_one.o", "ir/llm.mlir"})
    EXPECT_TRUE(files.count(name)) << name;
  EXPECT_EQ(files.count("src/image.s"), 0u);

  auto model = CompiledModel::open(folder / "out");
  ASSERT_TRUE(bool(model)) << textOf(model.takeError());
  EXPECT_EQ(model->name, "tiny-one");
  EXPECT_EQ(model->report["parameters"], 5000);
  EXPECT_EQ(model->report["bytes"]["weights"], kImageBytes);
  EXPECT_EQ(model->report["bytes"]["writable"], 0);
  const ProcessResult version = runProcess({{model->executable, "--version"}, {}});
  EXPECT_EQ(version.output, "tiny-one (Ingot 0.1.0)\nby hand\n");
}

TEST(CompileJob, TwoFoldersGiveTheSameBytes) {
  Folder one, two;
  ASSERT_EQ(textOf(compile(optionsFor(one, "a"))), "");
  ASSERT_EQ(textOf(compile(optionsFor(two, "other name"))), "");
  EXPECT_EQ(hashesOf(one / "a"), hashesOf(two / "other name"));
}

TEST(CompileJob, TheArchiveHasTwoMembersAndOneModelSymbol) {
  Folder folder;
  CompileOptions options = optionsFor(folder, "out");
  options.emit = {.lib = true};
  ASSERT_EQ(textOf(compile(options)), "");
  EXPECT_FALSE(std::filesystem::exists(folder / "out/tiny-one"));
  auto tools = Toolchain::find();
  ASSERT_TRUE(bool(tools));
  EXPECT_EQ(runProcess({{tools->ar, "t", folder / "out/libtiny-one.a"}, {}}).output,
            "tiny-one.o\ningot_runtime.o\n");
  const std::string globals = runProcess({{llvm::cantFail(findTool("llvm-nm")), "--defined-only",
                                           "-g", folder / "out/libtiny-one.a"},
                                          {}})
                                  .output;
  EXPECT_NE(globals.find("tiny-one.o:\n"), std::string::npos) << globals;
  size_t models = 0;
  for (size_t at = 0; (at = globals.find(" ingot_model_tiny_one\n", at)) != std::string::npos; ++at)
    ++models;
  EXPECT_EQ(models, 1u) << globals;
  EXPECT_EQ(globals.find("_table"), std::string::npos) << globals;
  EXPECT_EQ(globals.find("usable_"), std::string::npos) << globals;
}

TEST(CompileJob, SidecarWeightsLieBesideTheExecutable) {
  Folder folder;
  CompileOptions options = optionsFor(folder, "out");
  options.sidecar = true;
  ASSERT_EQ(textOf(compile(options)), "");
  EXPECT_EQ(readText(folder / "out/tiny-one.weights"), image());
}

TEST(CompileJob, AWrongResultIsFoundAndNothingIsPublished) {
  Folder folder;
  llvm::Error error = compile(optionsFor(folder, "out"), {.wrongReference = true});
  std::string text;
  int code = 0;
  llvm::handleAllErrors(std::move(error), [&](const DriverError &e) {
    code = e.exitCode();
    text = textOf(llvm::make_error<DriverError>(e));
  });
  EXPECT_EQ(code, kExitInvalid);
  EXPECT_NE(text.find("most at position 11, token 4: "), std::string::npos) << text;
  EXPECT_EQ(folder.names().count("out"), 0u);

  // Rounding is an excuse as far as it goes.
  EXPECT_NE(textOf(compile(optionsFor(folder, "out"), {.wrongReference = true, .rounding = 0.1})),
            "");
  CompileOptions sensitive = optionsFor(folder, "sensitive");
  EXPECT_EQ(textOf(compile(sensitive, {.wrongReference = true, .rounding = 100})), "");

  CompileOptions unchecked = optionsFor(folder, "out");
  unchecked.validation = Validation::None;
  EXPECT_EQ(textOf(compile(unchecked, {.wrongReference = true})), "");
}

TEST(CompileJob, AFailureLeavesAnEarlierOutputAlone) {
  Folder folder;
  CompileOptions options = optionsFor(folder, "out");
  ASSERT_EQ(textOf(compile(options)), "");
  const auto before = hashesOf(folder / "out");
  options.force = true;
  EXPECT_NE(textOf(compile(options, {.failFrontEnd = true})), "");
  EXPECT_EQ(hashesOf(folder / "out"), before);
  EXPECT_EQ(textOf(compile(options)), "");
  EXPECT_EQ(hashesOf(folder / "out"), before);
  for (const std::string &name : folder.names())
    EXPECT_FALSE(name.starts_with(".out.")) << name;
}

TEST(Toolchain, AMissingToolIsNamed) {
  llvm::Error error = findTool("llvm-alchemy").takeError();
  EXPECT_TRUE(error.isA<DriverError>());
  int code = 0;
  std::string text;
  llvm::handleAllErrors(std::move(error), [&](const DriverError &e) {
    code = e.exitCode();
    text = textOf(llvm::make_error<DriverError>(e));
  });
  EXPECT_EQ(code, kExitMissing);
  EXPECT_NE(text.find("cannot find 'llvm-alchemy-22' or 'llvm-alchemy'"), std::string::npos)
      << text;
}

TEST(CompiledModel, RefusesWhatIsNoOutput) {
  Folder folder;
  for (const char *text : {"", "[]", "{", "{\"name\":1,\"target\":\"x\"}",
                           "{\"name\":\"../x\",\"target\":\"x\"}", "{\"name\":\"x\"}"}) {
    folder.write("report.json", text);
    EXPECT_NE(textOf(CompiledModel::open(folder.path.string()).takeError()).find("report.json"),
              std::string::npos)
        << text;
  }
  EXPECT_NE(textOf(CompiledModel::open(folder / "none").takeError()), "");
}

TEST(Validate, DistanceOfLogits) {
  const std::vector<float> a = {1, 2, 3}, shifted = {2, 3, 4}, other = {3, 2, 1};
  EXPECT_EQ(compareLogits(a, a).kl, 0);
  EXPECT_EQ(compareLogits(a, a).nmse, 0);
  EXPECT_NEAR(compareLogits(a, shifted).kl, 0, 1e-12); // the same distribution
  EXPECT_NEAR(compareLogits(a, shifted).nmse, 3.0 / 14, 1e-12);
  EXPECT_NEAR(compareLogits(a, other).kl,
              2 * (std::exp(3) - std::exp(1)) / (std::exp(1) + std::exp(2) + std::exp(3)), 1e-6);
  EXPECT_FALSE(compareLogits(a, {1, 2, NAN}).finite);
}

} // namespace
