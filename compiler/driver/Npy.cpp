#include "compiler/driver/DriverError.h"
#include "compiler/driver/Files.h"
#include "compiler/driver/Validate.h"

#include <cstring>

using namespace ingot;

llvm::Expected<std::vector<float>> ingot::readNpy(llvm::StringRef path, size_t rows,
                                                  size_t columns) {
  llvm::Expected<std::string> bytes = readFile(path);
  if (!bytes)
    return bytes.takeError();
  const std::string shape =
      "'shape': (" + std::to_string(rows) + ", " + std::to_string(columns) + ")";
  constexpr size_t kFixed = 10; // magic, version, length of the header
  const auto *head = reinterpret_cast<const uint8_t *>(bytes->data());
  const size_t data =
      bytes->size() < kFixed ? 0 : kFixed + head[8] + (static_cast<size_t>(head[9]) << 8);
  if (data == 0 || !llvm::StringRef(*bytes).starts_with("\x93NUMPY\x01") ||
      data + rows * columns * sizeof(float) != bytes->size() ||
      bytes->substr(0, data).find(shape) == std::string::npos)
    return driverError(kExitFailed, path + ": error: expected a float32 array with " + shape);
  std::vector<float> values(rows * columns);
  std::memcpy(values.data(), bytes->data() + data, values.size() * sizeof(float));
  return values;
}
