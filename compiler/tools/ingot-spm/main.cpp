//===- main.cpp - What the sentencepiece library says ---------------------===//

#include <sentencepiece_processor.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <sys/resource.h>
#include <vector>

namespace {

constexpr rlim_t kMemory = rlim_t(4) << 30;

/// Spaces in every place, scripts, signs that rules replace, bytes that are no
/// UTF-8, and text that has no boundary.
const std::string kTexts[] = {
    "",
    " ",
    "Hello, world!",
    "  two  spaces \n\tand\r\n breaks  ",
    "3.14159 1,000,000 0x7fff v1.2.3 2024-01-31",
    "for (int i = 0; i < n; ++i) {\n\tsum += a[i] * b[i];\n}\n",
    "na\xC3\xAFve caf\xC3\xA9 e\xCC\x81 \xC3\x85ngstr\xC3\xB6m",
    "\xE4\xBD\xA0\xE5\xA5\xBD\xE4\xB8\x96\xE7\x95\x8C \xE3\x81\x93\xE3\x82\x93 "
    "\xEC\x95\x88\xEB\x85\x95",
    "\xD0\x9F\xD1\x80\xD0\xB8 \xD9\x85\xD8\xB1 \xE0\xA4\xA8\xE0\xA4\xAE",
    "\xF0\x9F\x98\x80 \xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9 "
    "\xEF\xBC\xA1\xE2\x91\xA0\xEF\xB7\xBA\xC2\xA0\xE3\x80\x80",
    "\xE2\x96\x81 \xE2\x96\x81x\xE2\x96\x81",
    "<s></s><unk><0x41>",
    "\xFF"
    "a\x80"
    "b\xC3"
    "c\xE4\xBD"
    "d\xED\xA0\x80\xF4\x90\x80\x80\xC0\xAF",
    std::string(600, 'a') + std::string(80, ' ') + std::string(50, '7'),
};

/// Every k-th piece of the model from the n-th on, as they stand in a text.
std::string pieceText(const sentencepiece::SentencePieceProcessor &model, int number, int count) {
  constexpr int most = 300;
  const int size = model.GetPieceSize();
  const int step = std::max(1, size / most) + number % 7;
  std::string text;
  for (int id = number * size / count % size, n = 0; n < most && id < size; id += step, ++n) {
    std::string piece = model.IdToPiece(id);
    if (model.IsControl(id) || model.IsUnknown(id) || model.IsByte(id))
      continue;
    for (size_t at; (at = piece.find("\xE2\x96\x81")) != std::string::npos;)
      piece.replace(at, 3, " ");
    text += piece;
  }
  return text;
}

int fail(const std::string &message) {
  std::fprintf(stderr, "ingot-spm: error: %s\n", message.c_str());
  return 1;
}

bool write(const std::string &folder, const char *kind, size_t number, const std::string &bytes) {
  std::ofstream out(folder + "/" + kind + "-" + std::to_string(number), std::ios::binary);
  out << bytes;
  return bool(out.flush());
}

} // namespace

int main(int argc, char **argv) {
  if (argc != 4)
    return fail("expected MODEL FOLDER COUNT"), 2;
  const rlimit limit = {kMemory, kMemory};
  setrlimit(RLIMIT_AS, &limit);
  sentencepiece::SentencePieceProcessor model;
  if (const auto status = model.Load(argv[1]); !status.ok())
    return fail(status.ToString());
  std::vector<std::string> texts(std::begin(kTexts), std::end(kTexts));
  const int count = std::atoi(argv[3]);
  for (int number = 0; number < count; ++number)
    texts.push_back(pieceText(model, number, count));
  for (size_t i = 0; i < texts.size(); ++i) {
    std::vector<int> ids;
    std::string back, line;
    if (const auto status = model.Encode(texts[i], &ids); !status.ok())
      return fail(status.ToString());
    if (const auto status = model.Decode(ids, &back); !status.ok())
      return fail(status.ToString());
    for (int id : ids)
      line += std::to_string(id) + " ";
    if (!write(argv[2], "text", i, texts[i]) || !write(argv[2], "ids", i, line) ||
        !write(argv[2], "back", i, back))
      return fail("cannot write into '" + std::string(argv[2]) + "'");
  }
  std::printf("%zu\n", texts.size());
  return 0;
}
