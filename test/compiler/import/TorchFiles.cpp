#include "test/compiler/import/TorchFiles.h"

#include "compiler/import/TensorNames.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CRC.h"

#include <gtest/gtest.h>

using namespace ingot;
using namespace ingot::test;
using llvm::StringRef;

static std::string bytesOf(uint64_t value, size_t width) {
  std::string out;
  for (size_t i = 0; i < width; ++i)
    out += char(value >> (8 * i));
  return out;
}

/// Numbers of the directory are counted from its beginning until finish().
void ZipWriter::number(std::string &out, const std::string &name, uint64_t value, size_t width) {
  (&out == &directory ? central : integers).push_back({name, out.size(), width});
  out += bytesOf(value, width);
}

ZipWriter &ZipWriter::record(StringRef name, StringRef bytes, StringRef extra,
                             StringRef centralExtra) {
  std::string prefix = std::to_string(count++) + " ";
  uint64_t offset = file.size(), size = bytes.size();
  uint32_t crc = checksums ? llvm::crc32(llvm::arrayRefFromStringRef(bytes)) : 0;
  auto put = [&](std::string &out, const char *what, uint64_t value, size_t width) {
    number(out, prefix + what, value, width);
  };
  auto common = [&](std::string &out, const std::string &side, bool sizes, size_t extraSize) {
    put(out, (side + " flags").c_str(), descriptors ? 0x0808 : 0, 2);
    put(out, (side + " method").c_str(), 0, 2);
    out += bytesOf(0, 4); // time and date
    put(out, (side + " crc").c_str(), sizes ? crc : 0, 4);
    put(out, (side + " packed").c_str(), sizes ? size : 0, 4);
    put(out, (side + " size").c_str(), sizes ? size : 0, 4);
    put(out, (side + " name length").c_str(), name.size(), 2);
    put(out, (side + " extra length").c_str(), extraSize, 2);
  };
  put(file, "local signature", 0x04034b50, 4);
  file += bytesOf(0, 2); // version that is needed
  common(file, "local", !descriptors, extra.size());
  integers.push_back({prefix + "local name", file.size(), name.size()});
  file += name;
  file += extra;
  integers.push_back({prefix + "bytes", file.size(), size});
  file += bytes;
  if (descriptors) {
    put(file, "descriptor signature", 0x08074b50, 4);
    put(file, "descriptor crc", crc, 4);
    put(file, "descriptor packed", size, 4);
    put(file, "descriptor size", size, 4);
  }
  put(directory, "central signature", 0x02014b50, 4);
  directory += bytesOf(0, 4);
  common(directory, "central", /*sizes=*/true, centralExtra.size());
  put(directory, "central comment length", 0, 2);
  put(directory, "central disk", 0, 2);
  directory += bytesOf(0, 6); // attributes
  put(directory, "central offset", offset, 4);
  central.push_back({prefix + "central name", directory.size(), name.size()});
  directory += name;
  directory += centralExtra;
  return *this;
}

std::string ZipWriter::finish() {
  uint64_t begin = file.size();
  std::string out = file + directory;
  for (IntegerField field : central) {
    field.offset += begin;
    integers.push_back(field);
  }
  if (zip64) {
    uint64_t at = out.size();
    number(out, "end64 signature", 0x06064b50, 4);
    number(out, "end64 size behind", 44, 8);
    out += bytesOf(0, 4); // versions
    number(out, "end64 disk", 0, 4);
    number(out, "end64 directory disk", 0, 4);
    number(out, "end64 entries here", count, 8);
    number(out, "end64 entries", count, 8);
    number(out, "end64 directory size", directory.size(), 8);
    number(out, "end64 directory offset", begin, 8);
    number(out, "locator signature", 0x07064b50, 4);
    number(out, "locator disk", 0, 4);
    number(out, "locator offset", at, 8);
    number(out, "locator disks", 1, 4);
  }
  number(out, "end signature", 0x06054b50, 4);
  number(out, "end disk", 0, 2);
  number(out, "end directory disk", 0, 2);
  number(out, "end entries here", count, 2);
  number(out, "end entries", count, 2);
  number(out, "end directory size", directory.size(), 4);
  number(out, "end directory offset", begin, 4);
  number(out, "end comment length", 0, 2);
  return out;
}

const IntegerField &ZipWriter::field(StringRef name) const {
  auto at = llvm::find_if(integers, [&](const IntegerField &f) { return f.name == name; });
  if (at == integers.end())
    llvm::report_fatal_error("no field " + name);
  return *at;
}

std::string test::patched(std::string bytes, const IntegerField &field, uint64_t value) {
  return bytes.replace(field.offset, field.width, bytesOf(value, field.width));
}

PickleWriter &PickleWriter::raw(StringRef opcodes) {
  out += opcodes;
  return *this;
}

PickleWriter &PickleWriter::put() {
  bool small = remembered < 256;
  raw(small ? "q" : "r").raw(bytesOf(remembered++, small ? 1 : 4));
  return *this;
}

PickleWriter &PickleWriter::global(StringRef module, StringRef name) {
  return raw("c").raw(module).raw("\n").raw(name).raw("\n").put();
}

PickleWriter &PickleWriter::text(StringRef text) {
  return raw("X").raw(bytesOf(text.size(), 4)).raw(text).put();
}

PickleWriter &PickleWriter::integer(int64_t value) {
  if (value >= 0 && value < 256)
    return raw("K").raw(bytesOf(uint64_t(value), 1));
  if (value >= 0 && value < 65536)
    return raw("M").raw(bytesOf(uint64_t(value), 2));
  if (value == int32_t(value))
    return raw("J").raw(bytesOf(uint64_t(value), 4));
  return raw("\x8a\x08").raw(bytesOf(uint64_t(value), 8));
}

PickleWriter &PickleWriter::tuple(llvm::ArrayRef<int64_t> values) {
  if (values.empty())
    return raw(")");
  if (values.size() > 3)
    raw("(");
  for (int64_t value : values)
    integer(value);
  return raw(values.size() > 3 ? "t" : std::string(1, char(0x84 + values.size()))).put();
}

PickleWriter &PickleWriter::storage(StringRef type, StringRef key, int64_t elements) {
  raw("(").text("storage").global("torch", type).text(key).text("cpu").integer(elements);
  return raw("t").put().raw("Q");
}

PickleWriter &PickleWriter::tensor(StringRef type, StringRef key, int64_t elements, int64_t offset,
                                   llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> strides) {
  global("torch._utils", "_rebuild_tensor_v2").raw("(").storage(type, key, elements);
  integer(offset).tuple(shape).tuple(strides).raw("\x89");
  global("collections", "OrderedDict").raw(")R").put();
  return raw("t").put().raw("R").put();
}

std::vector<int64_t> test::rowStrides(llvm::ArrayRef<int64_t> shape) {
  std::vector<int64_t> strides(shape.size(), 1);
  for (size_t i = shape.size(); i-- > 1;)
    strides[i - 1] = strides[i] * shape[i];
  return strides;
}

ZipWriter test::tinyTorch(bool tied, bool checksums) {
  ZipWriter zip;
  zip.checksums = checksums;
  PickleWriter pickle;
  std::vector<std::string> storages;
  pickle.raw("}").put().raw("(");
  ArchSpec arch = tinyArch(tied);
  for (const ExpectedTensor &tensor : expectedTensors(arch)) {
    std::vector<int64_t> shape;
    int64_t elements = 1;
    for (const ExpectedExtent &extent : tensor.extents) {
      shape.push_back(extent.value);
      elements *= extent.value;
    }
    std::string bytes;
    for (int64_t i = 0; i < elements; ++i)
      bytes += tensor.isNorm() ? StringRef("\0\x3c", 2) : StringRef("\0\0", 2);
    pickle.text(tensor.name);
    pickle.tensor("HalfStorage", std::to_string(storages.size()), elements, 0, shape,
                  rowStrides(shape));
    storages.push_back(bytes);
  }
  zip.record("m/data.pkl", pickle.raw("u").finish());
  for (size_t i = 0; i < storages.size(); ++i)
    zip.record("m/data/" + std::to_string(i), storages[i]);
  return std::move(zip.record("m/version", "3\n"));
}
