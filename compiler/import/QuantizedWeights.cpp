#include "compiler/import/QuantizedWeights.h"

#include "codegen/formats/Format.h"

#include "llvm/Support/FileSystem.h"

#include <cmath>
#include <mutex>
#include <thread>
#include <vector>

using namespace ingot;
using llvm::StringRef;

namespace {

/// Sums over the rows of one thread.
struct ErrorSums {
  double squares = 0, missed = 0, largest = 0;
};

/// What is known of a tensor that is quantised.
struct Entry {
  TensorView view;              ///< as it comes out; bytes between find() and release()
  const Format *format;         ///< what it is quantised into
  std::vector<uint8_t> bytes;   ///< between find() and release()
  std::optional<uint64_t> kept; ///< where it begins in the file
};

class QuantizedSource final : public QuantizedWeights {
public:
  QuantizedSource(std::unique_ptr<WeightSource> inner, llvm::sys::fs::file_t file, unsigned threads)
      : inner(std::move(inner)), file(file), threads(std::max(1u, threads)) {}
  ~QuantizedSource() override { llvm::sys::fs::closeFile(file); }

  void list(const llvm::StringMap<std::string> &formats);

  StringRef path() const override { return inner->path(); }
  llvm::ArrayRef<TensorView> tensors() const override { return views; }
  const TensorView *find(StringRef name) const override;
  void release(const TensorView &tensor) const override;
  const std::map<std::string, QuantizationError> &errors() const override { return lost; }
  llvm::Error takeError() const override { return llvm::errorCodeToError(status); }

private:
  void quantize(Entry &entry) const;
  ErrorSums quantizeRows(const TensorView &from, Entry &entry, int64_t begin, int64_t end) const;
  void keep(Entry &entry) const;
  void recall(Entry &entry) const;

  std::unique_ptr<WeightSource> inner;
  llvm::sys::fs::file_t file;
  unsigned threads;
  std::vector<TensorView> views; ///< names, types and shapes of all tensors
  // find() is const for every other source, and quantising is a matter of this
  // one's memory, not of its meaning.
  mutable std::mutex mutex;
  mutable llvm::StringMap<Entry> entries;
  mutable std::map<std::string, QuantizationError> lost;
  mutable uint64_t fileBytes = 0;
  mutable std::error_code status;
};

} // namespace

void QuantizedSource::list(const llvm::StringMap<std::string> &formats) {
  for (const TensorView &tensor : inner->tensors()) {
    TensorView &view = views.emplace_back(tensor);
    auto at = formats.find(tensor.name);
    if (at == formats.end() || tensorTypeName(tensor.type) == at->second)
      continue;
    view.type = *tensorTypeFromName(at->second);
    view.bytes = {};
    entries[tensor.name] = {view, findFormat(std::string_view(at->second)), {}, std::nullopt};
  }
}

const TensorView *QuantizedSource::find(StringRef name) const {
  auto at = entries.find(name);
  if (at == entries.end())
    return inner->find(name);
  std::lock_guard lock(mutex);
  Entry &entry = at->second;
  if (!entry.bytes.empty())
    return &entry.view;
  entry.bytes.resize(size_t(entry.view.shape[0]) *
                     entry.format->sourceRowBytes(entry.view.shape[1]));
  entry.view.bytes = entry.bytes;
  if (entry.kept) {
    recall(entry);
  } else {
    quantize(entry);
    keep(entry);
  }
  return &entry.view;
}

void QuantizedSource::release(const TensorView &tensor) const {
  auto at = entries.find(tensor.name);
  if (at == entries.end())
    return inner->release(tensor);
  std::lock_guard lock(mutex);
  at->second.view.bytes = {};
  std::vector<uint8_t>().swap(at->second.bytes);
}

ErrorSums QuantizedSource::quantizeRows(const TensorView &from, Entry &entry, int64_t begin,
                                        int64_t end) const {
  const int64_t cols = entry.view.shape[1];
  const size_t rowBytes = entry.format->sourceRowBytes(cols);
  std::vector<float> before(static_cast<size_t>(cols)), after(before);
  ErrorSums sums;
  for (int64_t row = begin; row < end; ++row) {
    uint8_t *out = entry.bytes.data() + size_t(row) * rowBytes;
    readTensorRow(from, row, cols, before.data());
    entry.format->quantizeRow(before.data(), cols, out);
    entry.format->dequantizeRow(out, cols, after.data());
    for (size_t c = 0; c < before.size(); ++c) {
      const double miss = std::abs(double(after[c]) - before[c]);
      sums.squares += double(before[c]) * before[c];
      sums.missed += miss * miss;
      sums.largest = std::max(sums.largest, miss);
    }
  }
  return sums;
}

void QuantizedSource::quantize(Entry &entry) const {
  const TensorView *from = inner->find(entry.view.name);
  const int64_t rows = entry.view.shape[0];
  // Sums of a fixed number of shares: the report is the same for any machine.
  constexpr int64_t kShares = 16;
  ErrorSums sums[kShares];
  auto work = [&](unsigned thread) {
    for (int64_t share = thread; share < kShares; share += threads)
      sums[share] =
          quantizeRows(*from, entry, rows * share / kShares, rows * (share + 1) / kShares);
  };
  std::vector<std::thread> team;
  for (unsigned thread = 1; thread < threads; ++thread)
    team.emplace_back(work, thread);
  work(0);
  for (std::thread &one : team)
    one.join();
  ErrorSums total;
  for (const ErrorSums &part : sums) {
    total.squares += part.squares;
    total.missed += part.missed;
    total.largest = std::max(total.largest, part.largest);
  }
  lost[entry.view.name] = {std::string(entry.format->name()),
                           total.squares > 0 ? std::sqrt(total.missed / total.squares) : 0,
                           total.largest};
  inner->release(*from);
}

void QuantizedSource::keep(Entry &entry) const {
  llvm::raw_fd_ostream os(file, /*shouldClose=*/false);
  os.seek(fileBytes);
  os.write(reinterpret_cast<const char *>(entry.bytes.data()), entry.bytes.size());
  os.flush();
  if (os.has_error()) {
    status = os.error();
    os.clear_error();
    return; // the rows are at hand for now; the caller asks takeError()
  }
  entry.kept = fileBytes;
  fileBytes += entry.bytes.size();
}

void QuantizedSource::recall(Entry &entry) const {
  llvm::MutableArrayRef<char> buffer(reinterpret_cast<char *>(entry.bytes.data()),
                                     entry.bytes.size());
  for (uint64_t done = 0; done < buffer.size();) {
    llvm::Expected<size_t> got =
        llvm::sys::fs::readNativeFileSlice(file, buffer.drop_front(done), *entry.kept + done);
    if (!got || *got == 0) {
      status =
          got ? std::make_error_code(std::errc::io_error) : llvm::errorToErrorCode(got.takeError());
      return;
    }
    done += *got;
  }
}

llvm::Expected<std::unique_ptr<QuantizedWeights>>
QuantizedWeights::create(std::unique_ptr<WeightSource> inner,
                         const llvm::StringMap<std::string> &formats, const std::string &keepPath,
                         unsigned threads) {
  llvm::Expected<llvm::sys::fs::file_t> file = llvm::sys::fs::openNativeFileForReadWrite(
      keepPath, llvm::sys::fs::CD_CreateAlways, llvm::sys::fs::OF_None);
  if (!file)
    return file.takeError();
  llvm::sys::fs::remove(keepPath);
  auto source = std::make_unique<QuantizedSource>(std::move(inner), *file, threads);
  source->list(formats);
  return source;
}
