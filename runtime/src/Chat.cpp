//===- Chat.cpp - Conversations in the model's template -------------------===//
//
// The template's own text may touch a message's text inside one piece of the
// pre-tokeniser ("user\n" before a text that begins with a line break). So the
// plain end of the template before a message, the message, and the plain
// beginning of the template after it are encoded as one text. That needs them
// side by side: the joined text is read through a small window only around the
// seams, and no added token is recognised in it.
//
//===----------------------------------------------------------------------===//

#include "Memory.h"
#include "Tokenizer.h"
#include "Unicode.h"

using namespace ingot;

namespace {

struct Text {
  const uint8_t *data;
  size_t size;
};

Text textOf(const ingot_chat_text &text) noexcept {
  return {reinterpret_cast<const uint8_t *>(text.text), text.bytes};
}

/// Jinja's trim: white space at both ends.
Text trimmed(Text text) noexcept {
  while (text.size) {
    const Character first = decodeUtf8(text.data, text.size);
    if (classOf(first.codePoint) != CharClass::Space)
      break;
    text.data += first.bytes;
    text.size -= first.bytes;
  }
  while (text.size) {
    size_t begin = text.size - 1;
    while (begin > 0 && text.size - begin < 4 && (text.data[begin] & 0xC0) == 0x80)
      --begin;
    const Character last = decodeUtf8(text.data + begin, text.size - begin);
    if (begin + last.bytes != text.size || classOf(last.codePoint) != CharClass::Space)
      break;
    text.size = begin;
  }
  return text;
}

/// The parts of a conversation in order, as one stream of texts.
class Parts {
public:
  Parts(const ingot_chat &chat, const ingot_chat_message *messages, size_t count,
        bool prompt) noexcept
      : chat(chat), messages(messages), count(count), prompt(prompt) {}

  /// The next part; false at the end. `isMessage`: text of a stranger.
  bool next(Text &part, bool &isMessage) noexcept {
    isMessage = false;
    const size_t number = at++;
    if (number == 0)
      part = textOf(chat.prologue);
    else if (number == 1)
      part = count && messages[0].role == INGOT_ROLE_SYSTEM ? Text{nullptr, 0}
                                                            : textOf(chat.default_system);
    else if (const size_t message = (number - 2) / 3; message < count) {
      const ingot_chat_message &m = messages[message];
      switch ((number - 2) % 3) {
      case 0:
        part = textOf(chat.prefix[m.role]);
        break;
      case 1:
        part = {reinterpret_cast<const uint8_t *>(m.text), m.bytes};
        part = chat.trim ? trimmed(part) : part;
        isMessage = true;
        break;
      default:
        part = textOf(chat.suffix[m.role]);
      }
    } else if (number - 2 == 3 * count && prompt)
      part = textOf(chat.generation_prompt);
    else
      return false;
    return true;
  }

private:
  const ingot_chat &chat;
  const ingot_chat_message *messages;
  size_t count;
  bool prompt;
  size_t at = 0;
};

} // namespace

namespace ingot {

/// Bytes around a seam that are encoded together. A piece longer than this
/// that crosses a seam is cut there: run-on text of that length is no template.
static constexpr size_t kSeam = 1024;

/// Joins texts and encodes them up to the last white space that begins a piece.
class SeamEncoder {
public:
  explicit SeamEncoder(Encoder &encoder) noexcept : encoder(encoder) {}

  bool put(Text text) noexcept {
    while (text.size) {
      const size_t part = text.size < kSeam - held ? text.size : kSeam - held;
      copyBytes(buffer + held, text.data, part);
      held += part;
      text.data += part;
      text.size -= part;
      if (held == kSeam && !drain())
        return false;
    }
    return true;
  }

  /// Encodes all that is held: a boundary, or the end.
  bool flush() noexcept {
    const size_t bytes = held;
    held = 0;
    return encoder.putPart(buffer, bytes) && encoder.endText();
  }

private:
  /// Encodes the front of a full buffer, up to a boundary of pieces: a space
  /// after a character that is none always begins one. SentencePiece finds its
  /// boundaries itself.
  bool drain() noexcept {
    if (encoder.tables.sentencepiece) {
      held = 0;
      return encoder.putPart(buffer, kSeam);
    }
    size_t cut = kSeam - 1;
    while (cut > 1 && !(buffer[cut] == ' ' && classOf(buffer[cut - 1]) != CharClass::Space &&
                        buffer[cut - 1] < 0x80))
      --cut;
    if (cut <= 1)
      cut = kSeam;
    const size_t rest = held - cut;
    if (!encoder.putPart(buffer, cut))
      return false;
    for (size_t i = 0; i < rest; ++i)
      buffer[i] = buffer[cut + i];
    held = rest;
    return true;
  }

  Encoder &encoder;
  uint8_t buffer[kSeam];
  size_t held = 0;
};

} // namespace ingot

extern "C" ingot_status ingot_chat_render(const ingot_model *model,
                                          const ingot_chat_message *messages, size_t message_count,
                                          int add_generation_prompt, int32_t *ids, size_t *count) {
  if (!model || !count || (!messages && message_count) || (!ids && *count))
    return INGOT_INVALID_ARGUMENT;
  if (!model->tokenizer)
    return INGOT_NO_TOKENIZER;
  if (!model->chat)
    return INGOT_NO_CHAT_TEMPLATE;
  size_t total = 64; // bound of the whole, in bytes and so in ids
  for (size_t i = 0; i < message_count; ++i) {
    if (messages[i].role > INGOT_ROLE_ASSISTANT || (!messages[i].text && messages[i].bytes))
      return INGOT_INVALID_CHAT;
    if (__builtin_add_overflow(total, messages[i].bytes, &total))
      return INGOT_INVALID_ARGUMENT;
  }

  Encoder encoder(*model->tokenizer, ids, *count);
  SeamEncoder seam(encoder);
  Parts parts(*model->chat, messages, message_count, add_generation_prompt != 0);
  Text part;
  bool isMessage, complete = true;
  while (complete && parts.next(part, isMessage)) {
    total += isMessage ? 0 : part.size;
    // A template's text: its added tokens are boundaries, the rest may touch
    // what stands beside it.
    for (size_t at = 0; complete && !isMessage && at < part.size;) {
      const int32_t id = addedTokenAt(*model->tokenizer, part.data + at, part.size - at);
      if (id < 0) {
        complete = seam.put({part.data + at, 1});
        ++at;
        continue;
      }
      complete = seam.flush() && encoder.putId(id);
      at += model->tokenizer->token_offsets[id + 1] - model->tokenizer->token_offsets[id];
    }
    if (isMessage)
      complete = complete && seam.put(part);
  }
  complete = complete && seam.flush();
  while (!complete && parts.next(part, isMessage))
    total += isMessage ? 0 : part.size;
  return encoder.finish(*count, complete, total);
}
