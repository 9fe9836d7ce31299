//===- Format.cpp - The list of weight formats ----------------------------===//

#include "codegen/formats/Format.h"

namespace ingot {
#define INGOT_FORMAT(SINGLETON) extern const Format &SINGLETON;
#include "codegen/formats/Formats.def"
} // namespace ingot

using namespace ingot;

void Format::quantizeRow(const float *, int64_t, uint8_t *) const {}

std::span<const Format *const> ingot::formats() {
  // Built on first use: the singletons are references, set up before main but
  // in no particular order.
  static const Format *const list[] = {
#define INGOT_FORMAT(SINGLETON) &SINGLETON,
#include "codegen/formats/Formats.def"
  };
  return list;
}

const Format *ingot::findFormat(std::string_view name) {
  for (const Format *format : formats())
    if (format->name() == name)
      return format;
  return nullptr;
}
