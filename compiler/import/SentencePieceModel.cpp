#include "compiler/import/SentencePieceModel.h"

#include "compiler/import/Protobuf.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringExtras.h" // toStringRef

using namespace ingot;
using llvm::Error;
using llvm::Expected;
using llvm::StringRef;
using llvm::Twine;

namespace {

constexpr uint64_t maxFileBytes = 256u << 20;
constexpr size_t maxPieces = 1 << 20; ///< four times the largest vocabulary in use
constexpr size_t maxUnknownText = 256;

// Field numbers of sentencepiece_model.proto.
namespace model_proto {
enum : uint32_t { pieces = 1, trainer = 2, normalizer = 3, denormalizer = 5 };
}
namespace piece_proto {
enum : uint32_t { piece = 1, score = 2, type = 3 };
}
namespace trainer_proto {
enum : uint32_t {
  modelType = 3,
  whitespaceAsSuffix = 24,
  byteFallback = 35,
  unkSurface = 44,
  bosPiece = 46,
  eosPiece = 47
};
}
namespace normalizer_proto {
enum : uint32_t { charsmap = 2, dummyPrefix = 3, removeSpaces = 4, escapeSpaces = 5 };
}

/// Moves what an accessor found to its place, or its error out.
template <typename T, typename Place> Error store(Expected<T> found, Place &place) {
  if (!found)
    return found.takeError();
  if constexpr (std::is_same_v<T, llvm::ArrayRef<uint8_t>>)
    place = llvm::toStringRef(*found);
  else
    place = Place(*found);
  return Error::success();
}

class ModelReader {
public:
  explicit ModelReader(SentencePieceModel &model) : model(model) {}

  Error read(llvm::ArrayRef<uint8_t> bytes);

private:
  using FieldVisitor = llvm::function_ref<Error(const ProtoReader &reader, const ProtoField &field,
                                                StringRef &name)>;

  Error readFields(ProtoReader &reader, FieldVisitor readField);
  Error readFields(StringRef what, const ProtoField &message, FieldVisitor readField);
  Error countPieces(llvm::ArrayRef<uint8_t> bytes);
  Error readPiece(const ProtoField &message);
  Error readModelType(const ProtoReader &reader, const ProtoField &field, StringRef name);
  Error readTrainer(const ProtoField &message);
  Error readNormalizer(const ProtoField &message);
  Error refuseDenormalizer(const ProtoField &message);

  SentencePieceModel &model;
};

} // namespace

/// Room for all pieces at once, after their number is known to be sane.
Error ModelReader::countPieces(llvm::ArrayRef<uint8_t> bytes) {
  ProtoReader reader(model.path, "the model", bytes, 0);
  ProtoField field;
  size_t count = 0;
  for (;;) {
    Expected<bool> more = reader.next(field);
    if (!more)
      return more.takeError();
    if (!*more)
      break;
    if (field.number != model_proto::pieces)
      continue;
    if (++count > maxPieces)
      return unsupported({model.path, 0, 0, field.position},
                         "the model has more than " + Twine(maxPieces) + " pieces");
  }
  if (count == 0)
    return malformed({model.path},
                     "there are no pieces in the file, expected a SentencePiece model");
  model.pieces.reserve(count);
  return Error::success();
}

Error ModelReader::readPiece(const ProtoField &message) {
  SentencePiece piece;
  piece.position = static_cast<uint32_t>(message.position);
  auto readField = [&](const ProtoReader &reader, const ProtoField &field,
                       StringRef &name) -> Error {
    switch (field.number) {
    case piece_proto::piece:
      return store(reader.asText(field, name = "piece"), piece.text);
    case piece_proto::score:
      return store(reader.asFloat(field, name = "score"), piece.score);
    case piece_proto::type:
      return store(reader.asNumber(field, name = "type", 1, 6), piece.type);
    }
    return Error::success();
  };
  if (Error failed = readFields("a piece", message, readField))
    return failed;
  if (piece.text.empty())
    return malformed({model.path, 0, 0, message.position},
                     "piece " + Twine(model.pieces.size()) + " is empty");
  // What no plain text can mean is recognised as a whole.
  piece.added = piece.type == PieceType::Control || piece.type == PieceType::Unknown;
  model.pieces.push_back(piece);
  return Error::success();
}

Error ModelReader::readModelType(const ProtoReader &reader, const ProtoField &field,
                                 StringRef name) {
  static constexpr StringRef names[] = {"UNIGRAM", "BPE", "WORD", "CHAR"};
  Expected<uint64_t> type = reader.asNumber(field, name, 1, std::size(names));
  if (!type)
    return type.takeError();
  if (*type > 2)
    return unsupported({model.path, 0, 0, field.position},
                       "the model type is " + names[*type - 1] +
                           ", only BPE and UNIGRAM are supported");
  model.unigram = *type == 1;
  return Error::success();
}

Error ModelReader::readTrainer(const ProtoField &message) {
  auto readField = [&](const ProtoReader &reader, const ProtoField &field,
                       StringRef &name) -> Error {
    switch (field.number) {
    case trainer_proto::modelType:
      return readModelType(reader, field, name = "model_type");
    case trainer_proto::whitespaceAsSuffix:
      return store(reader.asBool(field, name = "treat_whitespace_as_suffix"), model.spaceSuffix);
    case trainer_proto::byteFallback:
      return store(reader.asBool(field, name = "byte_fallback"), model.byteFallback);
    case trainer_proto::unkSurface:
      return store(reader.asText(field, name = "unk_surface"), model.unknownText);
    case trainer_proto::bosPiece:
      return store(reader.asText(field, name = "bos_piece"), model.bosPiece);
    case trainer_proto::eosPiece:
      return store(reader.asText(field, name = "eos_piece"), model.eosPiece);
    }
    return Error::success(); // how it was trained
  };
  if (Error failed = readFields("'trainer_spec'", message, readField))
    return failed;
  if (model.unknownText.size() > maxUnknownText)
    return malformed({model.path, 0, 0, message.position},
                     "'unk_surface' has " + Twine(model.unknownText.size()) +
                         " bytes, expected at most " + Twine(maxUnknownText));
  return Error::success();
}

Error ModelReader::readNormalizer(const ProtoField &message) {
  bool prefix = true;
  auto readField = [&](const ProtoReader &reader, const ProtoField &field,
                       StringRef &name) -> Error {
    switch (field.number) {
    case normalizer_proto::charsmap:
      model.charsmapPosition = static_cast<uint32_t>(field.inside);
      return store(reader.asBytes(field, name = "precompiled_charsmap"), model.charsmap);
    case normalizer_proto::dummyPrefix:
      return store(reader.asBool(field, name = "add_dummy_prefix"), prefix);
    case normalizer_proto::removeSpaces:
      return store(reader.asBool(field, name = "remove_extra_whitespaces"), model.removeSpaces);
    case normalizer_proto::escapeSpaces:
      return store(reader.asBool(field, name = "escape_whitespaces"), model.escapeSpaces);
    }
    return Error::success(); // the rules' name and source
  };
  if (Error failed = readFields("'normalizer_spec'", message, readField))
    return failed;
  model.prefix = prefix ? SpacePrefix::Always : SpacePrefix::None;
  return Error::success();
}

/// Rules for text that is decoded. No known model has any.
Error ModelReader::refuseDenormalizer(const ProtoField &message) {
  return readFields("'denormalizer_spec'", message,
                    [&](const ProtoReader &, const ProtoField &field, StringRef &) -> Error {
                      if (field.number != normalizer_proto::charsmap || field.bytes.empty())
                        return Error::success();
                      return unsupported({model.path, 0, 0, field.position},
                                         "'denormalizer_spec' has rules, which are not supported");
                    });
}

/// Calls `readField` for every field; it names those that it takes.
Error ModelReader::readFields(StringRef what, const ProtoField &message, FieldVisitor readField) {
  ProtoReader reader(model.path, what, message.bytes, message.inside);
  return readFields(reader, readField);
}

Error ModelReader::readFields(ProtoReader &reader, FieldVisitor readField) {
  uint64_t seen = 0;
  ProtoField field;
  for (;;) {
    Expected<bool> more = reader.next(field);
    if (!more)
      return more.takeError();
    if (!*more)
      return Error::success();
    StringRef name;
    if (Error failed = readField(reader, field, name))
      return failed;
    if (name.empty())
      continue;
    // Two readers might take different ones. All known numbers are below 64.
    if (seen >> field.number & 1)
      return reader.error(field.position, quoted(name) + " stands twice");
    seen |= uint64_t(1) << field.number;
  }
}

Error ModelReader::read(llvm::ArrayRef<uint8_t> bytes) {
  if (bytes.size() > maxFileBytes)
    return malformed({model.path}, "the file has " + Twine(bytes.size()) +
                                       " bytes, expected at most " + Twine(maxFileBytes));
  if (Error failed = countPieces(bytes))
    return failed;
  auto readMessage = [&](const ProtoReader &reader, const ProtoField &field,
                         StringRef &name) -> Error {
    Error (ModelReader::*read)(const ProtoField &);
    StringRef known;
    switch (field.number) {
    case model_proto::pieces: // the one field that may stand more than once
      known = "pieces", read = &ModelReader::readPiece;
      break;
    case model_proto::trainer:
      known = name = "trainer_spec", read = &ModelReader::readTrainer;
      break;
    case model_proto::normalizer:
      known = name = "normalizer_spec", read = &ModelReader::readNormalizer;
      break;
    case model_proto::denormalizer:
      known = name = "denormalizer_spec", read = &ModelReader::refuseDenormalizer;
      break;
    default:
      return Error::success();
    }
    if (Expected<llvm::ArrayRef<uint8_t>> message = reader.asBytes(field, known); !message)
      return message.takeError();
    return (this->*read)(field);
  };
  ProtoReader reader(model.path, "the model", bytes, 0);
  if (Error failed = readFields(reader, readMessage))
    return failed;
  model.stripSpace = model.prefix != SpacePrefix::None || model.removeSpaces;
  return Error::success();
}

int64_t SentencePieceModel::controlPiece(StringRef text) const {
  for (size_t id = 0; id < pieces.size(); ++id)
    if (pieces[id].type == PieceType::Control && pieces[id].text == text)
      return static_cast<int64_t>(id);
  return -1;
}

Expected<SentencePieceModel> ingot::readSentencePieceModel(StringRef path) {
  Expected<std::unique_ptr<MappedFile>> file = MappedFile::open(path);
  if (!file)
    return file.takeError();
  SentencePieceModel model;
  model.path = path.str();
  model.positions = true;
  model.file = std::move(*file);
  if (Error failed = ModelReader(model).read(model.file->bytes()))
    return std::move(failed);
  return model;
}
