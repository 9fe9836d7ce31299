#include "compiler/driver/OutputDirectory.h"

#include "compiler/driver/DriverError.h"
#include "compiler/driver/Files.h"

#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace ingot;
namespace fs = std::filesystem;

static constexpr char kWorkFolder[] = ".work";
static constexpr char kReport[] = "report.json";

/// ".NAME.ingot-": what temporary folders of `final` begin with.
static std::string temporaryPrefix(const std::string &final) {
  return "." + fs::path(final).filename().string() + ".ingot-";
}

llvm::Expected<std::unique_ptr<OutputDirectory>> OutputDirectory::create(llvm::StringRef path,
                                                                         bool force) {
  // Through symbolic links to where the folder is or will be, without a slash at the end.
  std::error_code status;
  fs::path final = fs::absolute(path.str(), status);
  if (!status)
    final = fs::weakly_canonical(final, status);
  if (status || path.empty())
    return driverError(kExitUsage, "'-o' is '" + path + "', expected a folder");
  if (!final.has_filename())
    final = final.parent_path();
  if (!final.has_filename())
    return driverError(kExitUsage,
                       "'-o' is '" + path + "', expected a folder that can be replaced");

  std::unique_ptr<OutputDirectory> output(new OutputDirectory(final.string(), force));
  if (llvm::Error error = output->checkFinal())
    return error;
  if (llvm::Error error = makeFolder(final.parent_path().string()))
    return error;
  output->removeStale();
  if (llvm::Error error = output->makeTemporary())
    return error;
  return output;
}

OutputDirectory::~OutputDirectory() { remove(); }

std::string OutputDirectory::file(llvm::StringRef name) const { return joinPath(temporary, name); }

std::string OutputDirectory::finalFile(llvm::StringRef name) const { return joinPath(final, name); }

std::string OutputDirectory::workFile(llvm::StringRef name) const {
  return joinPath(file(kWorkFolder), name);
}

llvm::Error OutputDirectory::checkFinal() const {
  std::error_code status;
  if (!fs::exists(fs::symlink_status(final, status)))
    return llvm::Error::success();
  if (!fs::is_directory(final, status))
    return driverError(kExitUsage, "'-o' is '" + final + "', which is a file, expected a folder");
  const bool empty = fs::is_empty(final, status);
  if (status)
    return systemError("read", final, status.value());
  if (empty)
    return llvm::Error::success();
  if (!force)
    return driverError(kExitUsage, "'" + final + "' is not empty, expected a new or empty folder " +
                                       "('--force' replaces an earlier output)");
  if (!fs::is_regular_file(fs::path(final) / kReport, status))
    return driverError(kExitUsage, "'" + final + "' holds no report.json, so it is no output of " +
                                       "'ingot compile' and '--force' does not replace it");
  return llvm::Error::success();
}

static void removeFolder(const std::string &folder) {
  // Under another name nobody's path leads into it any more, so removing it comes to an end even
  // while this process or a child still writes.
  std::string doomed = folder + "-removed";
  if (::rename(folder.c_str(), doomed.c_str()) != 0)
    doomed = folder;
  llvm::consumeError(removeTree(doomed));
}

llvm::Error OutputDirectory::makeTemporary() {
  const fs::path parent = fs::path(final).parent_path();
  std::string name = (parent / (temporaryPrefix(final) + "XXXXXX")).string();
  llvm::Error error = llvm::Error::success();
  Interrupt::hold([&] {
    if (!mkdtemp(name.data())) {
      error = systemError("create a folder in", parent.string(), errno);
      return;
    }
    temporary = name;
    onInterrupt = std::make_unique<Interrupt::Action>([name] { removeFolder(name); });
  });
  if (error)
    return error;
  lock = open(temporary.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (lock >= 0)
    flock(lock, LOCK_EX | LOCK_NB);
  return makeFolder(file(kWorkFolder));
}

void OutputDirectory::removeStale() const {
  // Nobody's lock and older than any moment between mkdtemp and flock: its process was killed.
  constexpr auto minute = std::chrono::minutes(1);
  const std::string prefix = temporaryPrefix(final);
  std::error_code status;
  for (fs::directory_iterator at(fs::path(final).parent_path(), status), end; !status && at != end;
       at.increment(status)) {
    if (!at->path().filename().string().starts_with(prefix))
      continue;
    const int folder = open(at->path().c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0)
      continue;
    std::error_code unread;
    const auto written = fs::last_write_time(at->path(), unread);
    if (!unread && fs::file_time_type::clock::now() - written > minute &&
        flock(folder, LOCK_EX | LOCK_NB) == 0)
      llvm::consumeError(removeTree(at->path().string()));
    close(folder);
  }
}

void OutputDirectory::remove() {
  Interrupt::hold([&] {
    if (!temporary.empty())
      removeFolder(temporary);
    temporary.clear();
    onInterrupt.reset();
  });
  if (lock >= 0)
    close(lock);
  lock = -1;
}

llvm::Error OutputDirectory::rename() {
  if (::rename(temporary.c_str(), final.c_str()) == 0) { // new, or an empty folder
    temporary.clear();
    return llvm::Error::success();
  }
  if (errno != ENOTEMPTY && errno != EEXIST)
    return systemError("rename to", final, errno);
  // Checked to be an earlier output. Exchanged in one step, so that no moment has no folder.
  if (renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, final.c_str(), RENAME_EXCHANGE) == 0)
    return llvm::Error::success(); // what is temporary now is removed
  const std::string old = temporary + "-old";
  if (::rename(final.c_str(), old.c_str()) != 0)
    return systemError("replace", final, errno);
  if (::rename(temporary.c_str(), final.c_str()) != 0) {
    const int reason = errno;
    ::rename(old.c_str(), final.c_str());
    return systemError("rename to", final, reason);
  }
  temporary = old;
  return llvm::Error::success();
}

llvm::Error OutputDirectory::publish() {
  if (llvm::Error error = removeTree(file(kWorkFolder)))
    return error;
  // mkdtemp makes a private folder; this one is an ordinary output.
  const mode_t mask = umask(0);
  umask(mask);
  if (chmod(temporary.c_str(), 0777 & ~mask) != 0)
    return systemError("write", temporary, errno);
  if (llvm::Error error = syncTree(temporary))
    return error;
  if (llvm::Error error = checkFinal())
    return error;
  llvm::Error error = llvm::Error::success();
  Interrupt::hold([&] { error = rename(); });
  if (error)
    return error;
  remove();
  return syncFolder(fs::path(final).parent_path().string());
}
