#include "Npy.h"

#include "Cli.h"
#include "Files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ingot::cli {

// Ingot's targets are little-endian, so a row goes to the file as it lies in memory.
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "npy rows are written as they are");

NpyWriter::~NpyWriter() {
  if (descriptor >= 0)
    close(descriptor);
  if (temporary)
    unlink(temporary);
  free(temporary);
}

int NpyWriter::open(const char *to, size_t rows, size_t columns) {
  path = to;
  struct stat status;
  if (stat(path, &status) == 0 && !S_ISREG(status.st_mode)) {
    descriptor = ::open(path, O_WRONLY | O_CLOEXEC); // a pipe or a device: nothing to rename
  } else {
    const size_t room = strlen(path) + sizeof ".tmp-XXXXXX";
    temporary = static_cast<char *>(malloc(room));
    if (!temporary)
      return fail(exitFailed, "out of memory");
    snprintf(temporary, room, "%s.tmp-XXXXXX", path);
    descriptor = mkostemp(temporary, O_CLOEXEC);
    if (descriptor < 0) {
      free(temporary); // no file of that name is ours to remove
      temporary = nullptr;
    }
  }
  if (descriptor < 0)
    return fail(exitFailed, "cannot create '%s': %s", path, strerror(errno));

  // Magic, version 1.0, length of the header, the header as a Python literal padded with spaces so
  // that the data begins at a multiple of 64.
  char file[256];
  memcpy(file, "\x93NUMPY\x01\x00", 8);
  int length =
      snprintf(file + 10, sizeof file - 10,
               "{'descr': '<f4', 'fortran_order': False, 'shape': (%zu, %zu), }", rows, columns);
  size_t total = (10 + static_cast<size_t>(length) + 1 + 63) / 64 * 64;
  memset(file + 10 + length, ' ', total - 11 - static_cast<size_t>(length));
  file[total - 1] = '\n';
  file[8] = static_cast<char>((total - 10) & 0xff);
  file[9] = static_cast<char>((total - 10) >> 8);
  if (!writeAll(descriptor, file, total))
    return fail(exitFailed, "cannot write '%s': %s", path, strerror(errno));
  return exitDone;
}

int NpyWriter::write(const float *values, size_t count) {
  if (writeAll(descriptor, values, count * sizeof *values))
    return exitDone;
  return fail(exitFailed, "cannot write '%s': %s", path, strerror(errno));
}

int NpyWriter::finish() {
  if (temporary) {
    // mkostemp makes private files; this one is an ordinary output.
    mode_t mask = umask(0);
    umask(mask);
    if (fchmod(descriptor, 0666 & ~mask) != 0)
      return fail(exitFailed, "cannot write '%s': %s", path, strerror(errno));
  }
  int closed = close(descriptor);
  descriptor = -1;
  if (closed != 0 || (temporary && rename(temporary, path) != 0))
    return fail(exitFailed, "cannot write '%s': %s", path, strerror(errno));
  free(temporary);
  temporary = nullptr;
  return exitDone;
}

} // namespace ingot::cli
