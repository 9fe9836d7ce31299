#include "Files.h"

#include "Cli.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ingot::cli {

static int readAll(int descriptor, const char *name, Array<char> &bytes) {
  // The size is a hint (a pipe has none): one byte more, so that the end shows without growing.
  struct stat status;
  size_t room = 1 << 16;
  if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0)
    room = static_cast<size_t>(status.st_size) + 1;
  for (;;) {
    if (bytes.size() == room)
      room += room / 2;
    size_t old = bytes.size();
    if (!bytes.resize(room))
      return fail(exitFailed, "cannot read '%s': %s", name, strerror(ENOMEM));
    ssize_t got = read(descriptor, bytes.data() + old, room - old);
    if (got < 0 && errno != EINTR)
      return fail(exitFailed, "cannot read '%s': %s", name, strerror(errno));
    (void)bytes.resize(old + static_cast<size_t>(got > 0 ? got : 0)); // never grows
    if (got == 0)
      return exitDone;
  }
}

int readWhole(const char *path, Array<char> &bytes) {
  if (!path)
    return readAll(STDIN_FILENO, "standard input", bytes);
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    return fail(exitFailed, "cannot open '%s': %s", path, strerror(errno));
  int code = readAll(descriptor, path, bytes);
  close(descriptor);
  return code;
}

bool writeAll(int descriptor, const void *data, size_t bytes) {
  const char *at = static_cast<const char *>(data);
  while (bytes != 0) {
    ssize_t put = write(descriptor, at, bytes);
    if (put < 0 && errno == EINTR)
      continue;
    if (put < 0)
      return false;
    at += put;
    bytes -= static_cast<size_t>(put);
  }
  return true;
}

int writeOutput(const void *data, size_t bytes) {
  if (writeAll(STDOUT_FILENO, data, bytes))
    return exitDone;
  return fail(exitFailed, "cannot write to standard output: %s", strerror(errno));
}

int mapFile(const char *path, Mapping &mapping) {
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  struct stat status;
  if (descriptor < 0 || fstat(descriptor, &status) != 0) {
    int code = fail(exitFailed, "cannot open '%s': %s", path, strerror(errno));
    if (descriptor >= 0)
      close(descriptor);
    return code;
  }
  mapping.bytes = static_cast<size_t>(status.st_size > 0 ? status.st_size : 0);
  void *at = mmap(nullptr, mapping.bytes, PROT_READ, MAP_PRIVATE, descriptor, 0);
  int reason = errno;
  close(descriptor);
  if (at == MAP_FAILED)
    return fail(exitFailed, "cannot map '%s': %s", path, strerror(reason));
  mapping.data = at;
  return exitDone;
}

} // namespace ingot::cli
