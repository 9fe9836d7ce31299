#ifndef INGOT_CLI_JSON_H
#define INGOT_CLI_JSON_H

#include "Array.h"

namespace ingot::cli {

// Appends `bytes` of text as a JSON string. Bytes that are not UTF-8, as byte tokens are, become
// <0xE4>: JSON has no other way to say them that every reader accepts.
[[nodiscard]] bool appendJsonString(const char *text, size_t bytes, Array<char> &out);

} // namespace ingot::cli
#endif
