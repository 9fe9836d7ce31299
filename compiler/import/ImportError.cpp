#include "compiler/import/ImportError.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace ingot;

char ImportError::ID = 0;

/// Lines and columns stand before the sentence, bytes after it.
static void render(llvm::raw_ostream &os, const SourceLocation &where, llvm::StringRef severity,
                   llvm::StringRef message) {
  os << where.file << ':';
  if (where.line != 0)
    os << where.line << ':' << where.column << ':';
  os << ' ' << severity << ": " << message;
  if (where.byte)
    os << " at byte " << *where.byte;
}

ImportError::ImportError(ImportFault fault, SourceLocation where, std::string message)
    : kind(fault), place(std::move(where)), sentence(std::move(message)) {}

void ImportError::addNote(SourceLocation where, std::string message) {
  notes.push_back({std::move(where), std::move(message)});
}

void ImportError::log(llvm::raw_ostream &os) const {
  render(os, place, "error", sentence);
  for (const Note &note : notes) {
    os << '\n';
    render(os, note.where, "note", note.message);
  }
}

std::error_code ImportError::convertToErrorCode() const {
  return std::make_error_code(std::errc::invalid_argument);
}

llvm::Error ingot::malformed(SourceLocation where, const llvm::Twine &message) {
  return llvm::make_error<ImportError>(ImportFault::Malformed, std::move(where), message.str());
}

llvm::Error ingot::unsupported(SourceLocation where, const llvm::Twine &message) {
  return llvm::make_error<ImportError>(ImportFault::Unsupported, std::move(where), message.str());
}

llvm::Error ingot::withNote(llvm::Error error, SourceLocation where, const llvm::Twine &message) {
  return llvm::handleErrors(std::move(error),
                            [&](std::unique_ptr<ImportError> import) -> llvm::Error {
                              import->addNote(std::move(where), message.str());
                              return llvm::Error(std::move(import));
                            });
}

int ingot::reportImportError(llvm::Error error, llvm::raw_ostream &os) {
  int code = 0;
  llvm::handleAllErrors(
      std::move(error),
      [&](const ImportError &import) {
        import.log(os);
        os << '\n';
        code = import.exitCode();
      },
      [&](const llvm::ErrorInfoBase &other) {
        os << "error: " << other.message() << '\n';
        code = 1;
      });
  return code;
}

std::string ingot::renderWarning(const SourceLocation &where, const llvm::Twine &message) {
  std::string text;
  llvm::raw_string_ostream os(text);
  render(os, where, "warning", message.str());
  return text;
}

std::string ingot::quoted(llvm::StringRef text) {
  // Longer than every name of the models we know; the ends tell two names apart.
  constexpr size_t longest = 120, keep = 50;
  std::string out = "'";
  auto append = [&](llvm::StringRef part) {
    for (unsigned char c : part) {
      if (c >= 0x20 && c < 0x7f) {
        out += char(c);
        continue;
      }
      out += "\\x";
      out += llvm::hexdigit(c >> 4, /*LowerCase=*/true);
      out += llvm::hexdigit(c & 15, /*LowerCase=*/true);
    }
  };
  if (text.size() <= longest) {
    append(text);
  } else {
    append(text.take_front(keep));
    out += "...";
    append(text.take_back(keep));
  }
  return out + "'";
}

std::string ingot::suggestion(llvm::StringRef word, llvm::ArrayRef<llvm::StringRef> known) {
  if (word.size() > 64) // the distance is quadratic, and nothing known is that long
    return "";
  // One slip in three letters is a typo; more is another word.
  unsigned best = unsigned(word.size() + 1) / 3 + 1;
  llvm::StringRef nearest;
  for (llvm::StringRef candidate : known) {
    unsigned distance = word.edit_distance(candidate, /*AllowReplacements=*/true, best);
    if (distance < best && distance < candidate.size()) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest.empty() ? "" : ", did you mean " + quoted(nearest) + "?";
}
