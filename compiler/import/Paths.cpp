#include "compiler/import/Paths.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace ingot;
namespace path = llvm::sys::path;

std::string ingot::absolutePath(llvm::StringRef given, llvm::StringRef base) {
  llvm::SmallString<256> absolute;
  if (path::is_absolute(given) || base.empty())
    absolute = given;
  else
    path::append(absolute, base, given);
  (void)llvm::sys::fs::make_absolute(absolute); // fails only without a working directory
  llvm::StringRef name = path::filename(absolute);
  llvm::SmallString<256> folder;
  bool plain = name != "." && name != "..";
  llvm::StringRef whole = absolute;
  if (llvm::sys::fs::real_path(plain ? path::parent_path(whole) : whole, folder)) {
    path::remove_dots(absolute, /*remove_dot_dot=*/true); // no such folder: only tidy the text
    return absolute.str().str();
  }
  if (plain)
    path::append(folder, name);
  return folder.str().str();
}
