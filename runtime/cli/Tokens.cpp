#include "Tokens.h"

namespace ingot::cli {

// Calls `convert(buffer, &count)` once more with the room it asked for.
template <typename T, typename Convert>
static int convertGrowing(Array<T> &out, size_t guess, const char *doing, Convert convert) {
  for (size_t room = guess;;) {
    if (!out.resize(room))
      return fail(exitFailed, "out of memory");
    size_t count = room;
    ingot_status status = convert(out.data(), &count);
    if (status == INGOT_OK)
      return out.resize(count) ? exitDone : exitFailed;
    if (status != INGOT_BUFFER_TOO_SMALL || count <= room)
      return failStatus(status, doing);
    room = count;
  }
}

int tokenizeText(const ingot_model *model, const char *text, size_t bytes, uint32_t flags,
                 Array<int32_t> &ids) {
  const char *from = text ? text : ""; // an empty file has no buffer
  return convertGrowing(ids, bytes / 2 + 16, "tokenize", [&](int32_t *out, size_t *count) {
    return ingot_tokenize(model, from, bytes, flags, out, count);
  });
}

int renderChat(const ingot_model *model, const char *text, size_t bytes, Array<int32_t> &ids) {
  ingot_chat_message message = {};
  message.role = INGOT_ROLE_USER;
  message.text = text ? text : "";
  message.bytes = bytes;
  return convertGrowing(ids, bytes / 2 + 256, "render the chat", [&](int32_t *out, size_t *count) {
    return ingot_chat_render(model, &message, 1, /*add_generation_prompt=*/1, out, count);
  });
}

int detokenizeIds(const ingot_model *model, const Array<int32_t> &ids, Array<char> &text) {
  return convertGrowing(text, ids.size() * 4 + 16, "decode", [&](char *out, size_t *bytes) {
    return ingot_detokenize(model, ids.data(), ids.size(), out, bytes);
  });
}

static bool isDigit(char c) { return c >= '0' && c <= '9'; }

// Ends the present line if it holds any id.
static bool endLine(IdLines &lines, size_t number) {
  size_t previous = lines.ends.size() ? lines.ends[lines.ends.size() - 1] : 0;
  if (lines.ids.size() == previous)
    return true;
  return lines.ends.push(lines.ids.size()) && lines.numbers.push(number);
}

int parseIds(const ingot_model *model, const char *name, const Array<char> &text, IdLines &lines) {
  const uint32_t vocabulary = ingot_model_vocab_size(model);
  size_t line = 1, lineBegin = 0;
  for (size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == ' ' || c == '\t' || c == ',' || c == '\r') {
      ++at;
    } else if (c == '\n') {
      if (!endLine(lines, line))
        return fail(exitFailed, "out of memory");
      ++line;
      lineBegin = ++at;
    } else if (isDigit(c)) {
      const size_t begin = at;
      uint64_t id = 0;
      for (; at < text.size() && isDigit(text[at]); ++at)
        id = id < vocabulary ? id * 10 + static_cast<uint64_t>(text[at] - '0') : vocabulary;
      if (id >= vocabulary)
        return fail(exitFailed, "%s:%zu:%zu: token id %.*s is not in the vocabulary of %u", name,
                    line, begin - lineBegin + 1,
                    static_cast<int>(at - begin > 20 ? 20 : at - begin), text.data() + begin,
                    vocabulary);
      if (!lines.ids.push(static_cast<int32_t>(id)))
        return fail(exitFailed, "out of memory");
    } else {
      return fail(exitFailed, "%s:%zu:%zu: byte 0x%02x, expected decimal token ids", name, line,
                  at - lineBegin + 1, static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
  }
  return endLine(lines, line) ? exitDone : fail(exitFailed, "out of memory");
}

} // namespace ingot::cli
