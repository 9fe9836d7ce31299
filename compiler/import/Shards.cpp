//===- Shards.cpp - Files, shards and indices as one source ---------------===//

#include "compiler/import/Shards.h"

#include "compiler/import/ImportError.h"
#include "compiler/import/Json.h"
#include "compiler/import/Numbers.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/CRC.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace ingot;
using llvm::Error;
using llvm::Expected;
using llvm::StringRef;
using llvm::Twine;

namespace {

constexpr uint64_t maxIndexBytes = 16 << 20;
constexpr size_t maxIndexTensors = 32768;
constexpr size_t maxShards = 1024;

class ShardedWeights final : public WeightSource {
public:
  explicit ShardedWeights(std::string path) : name(std::move(path)) {}

  StringRef path() const override { return name; }
  llvm::ArrayRef<TensorView> tensors() const override { return views; }
  void release(const TensorView &tensor) const override { release(tensor.bytes); }
  Error checkIntegrity() const override;

  void add(TensorFile &&file) {
    views.insert(views.end(), std::make_move_iterator(file.views.begin()),
                 std::make_move_iterator(file.views.end()));
    file.views.clear();
    files.push_back(std::move(file));
  }

private:
  void release(llvm::ArrayRef<uint8_t> bytes) const {
    for (const TensorFile &file : files)
      file.file->release(bytes); // ignores bytes of other files
  }

  std::string name;
  std::vector<TensorFile> files; ///< without their views
  std::vector<TensorView> views;
};

/// The index: which shard holds which tensor.
struct Index {
  std::vector<std::string> shards;   ///< sorted
  llvm::StringMap<uint32_t> tensors; ///< name in the file to index into shards
};

} // namespace

/// A checksum of 0 was not computed: writers may leave it out, and one in four
/// thousand million records has it by chance.
Error ShardedWeights::checkIntegrity() const {
  for (const TensorFile &file : files)
    for (const Checksum &sum : file.checksums) {
      if (sum.crc == 0)
        continue;
      uint32_t crc = llvm::crc32(sum.bytes);
      release(sum.bytes);
      if (crc != sum.crc)
        return malformed({file.file->path().str()},
                         "the record " + quoted(sum.record) + " has the CRC-32 " + printHex(crc) +
                             ", expected " + printHex(sum.crc) + ": the file is damaged");
    }
  return Error::success();
}

/// A shard is a file beside the index, and nothing else: index files are
/// downloaded, and must not choose what is read.
static Error checkShardName(StringRef folder, StringRef name, const SourceLocation &where) {
  if (name.empty() || name == "." || name == ".." || name.contains('/') || name.contains('\\') ||
      name.contains('\0'))
    return malformed(where, "the shard name is " + quoted(name) +
                                ", expected the name of a file in the same folder");
  llvm::SmallString<256> path(folder);
  llvm::sys::path::append(path, name);
  llvm::sys::fs::file_status status;
  if (llvm::sys::fs::status(path, status, /*follow=*/false))
    return malformed(where, "the shard " + quoted(name) + " is not there");
  if (status.type() != llvm::sys::fs::file_type::regular_file)
    return malformed(where, "the shard " + quoted(name) +
                                " is a link or no file, expected a regular file");
  return Error::success();
}

static Error readIndex(StringRef folder, const JsonDocument &document, Index &index) {
  JsonValue root = document.root();
  std::optional<JsonValue> map = root.find("weight_map");
  if (!map || map->kind() != JsonKind::Object)
    return malformed(map ? map->where() : root.where(), "there is no object 'weight_map'");
  Error error = map->forEachMember([&](JsonValue key, JsonValue value) -> Error {
    std::optional<std::string> shard = value.asString();
    if (!shard)
      return malformed(value.where(), quoted(*key.asString()) + " is " + value.shown() +
                                          ", expected the name of a shard");
    auto at = llvm::find(index.shards, *shard);
    if (at == index.shards.end()) {
      if (Error bad = checkShardName(folder, *shard, value.where()))
        return bad;
      if (index.shards.size() == maxShards)
        return unsupported(value.where(), "more than " + Twine(maxShards) + " shards");
      index.shards.push_back(*shard);
      at = std::prev(index.shards.end());
    }
    if (index.tensors.size() == maxIndexTensors)
      return unsupported(key.where(), "more than " + Twine(maxIndexTensors) + " tensors");
    index.tensors[*key.asString()] = uint32_t(at - index.shards.begin());
    return Error::success();
  });
  if (error)
    return error;
  if (index.shards.empty())
    return malformed(map->where(), "'weight_map' is empty");
  return Error::success();
}

/// Index and shard must say the same of every tensor in the shard.
static Error checkShard(StringRef indexPath, const Index &index, uint32_t number,
                        const TensorFile &file) {
  for (const TensorView &view : file.views) {
    auto at = index.tensors.find(view.fileName);
    if (at == index.tensors.end())
      return malformed({file.file->path().str()}, "tensor " + quoted(view.fileName) +
                                                      " is not in the index " + quoted(indexPath));
    if (at->second != number)
      return malformed({file.file->path().str()}, "tensor " + quoted(view.fileName) +
                                                      " is in this shard, the index says " +
                                                      quoted(index.shards[at->second]));
  }
  return Error::success();
}

Expected<std::unique_ptr<WeightSource>>
ingot::openShardIndex(TensorFileReader read, StringRef indexPath, TensorNames names) {
  Expected<std::string> text = readTextFile(indexPath, maxIndexBytes);
  if (!text)
    return text.takeError();
  Expected<JsonDocument> document = JsonDocument::scan(indexPath.str(), *text);
  if (!document)
    return document.takeError();
  StringRef folder = llvm::sys::path::parent_path(indexPath);
  Index index;
  if (Error error = readIndex(folder, *document, index))
    return std::move(error);

  auto source = std::make_unique<ShardedWeights>(indexPath.str());
  for (uint32_t number = 0; number < index.shards.size(); ++number) {
    llvm::SmallString<256> path(folder);
    llvm::sys::path::append(path, index.shards[number]);
    Expected<TensorFile> file = read(path, names);
    if (!file)
      return file.takeError();
    if (Error error = checkShard(indexPath, index, number, *file))
      return std::move(error);
    source->add(std::move(*file));
  }
  // Every tensor of a shard is in the index, once: equal counts mean equal sets.
  if (source->tensors().size() != index.tensors.size()) {
    llvm::StringSet<> present;
    for (const TensorView &view : source->tensors())
      present.insert(view.fileName);
    for (StringRef name : index.tensors.keys())
      if (!present.contains(name))
        return malformed({indexPath.str()}, "tensor " + quoted(name) + " is not in its shard " +
                                                quoted(index.shards[index.tensors.lookup(name)]));
  }
  return source;
}

Expected<std::unique_ptr<WeightSource>> ingot::openShards(TensorFileReader read, StringRef folder,
                                                          llvm::ArrayRef<std::string> paths,
                                                          TensorNames names) {
  auto source = std::make_unique<ShardedWeights>(folder.str());
  llvm::StringMap<StringRef> owner;
  for (const std::string &path : paths) {
    Expected<TensorFile> file = read(path, names);
    if (!file)
      return file.takeError();
    for (const TensorView &view : file->views)
      if (auto [at, fresh] = owner.try_emplace(view.fileName, path); !fresh)
        return malformed({path},
                         "tensor " + quoted(view.fileName) + " is also in " + quoted(at->second));
    source->add(std::move(*file));
  }
  return source;
}

Expected<std::unique_ptr<WeightSource>> ingot::openTensorFile(TensorFileReader read, StringRef path,
                                                              TensorNames names) {
  Expected<TensorFile> file = read(path, names);
  if (!file)
    return file.takeError();
  auto source = std::make_unique<ShardedWeights>(path.str());
  source->add(std::move(*file));
  return source;
}
