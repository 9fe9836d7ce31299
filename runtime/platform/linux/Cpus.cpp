#include "runtime/platform/linux/CpuList.h"
#include "runtime/platform/linux/Errno.h"
#include "runtime/platform/platform.h"

extern "C" {
int sched_getaffinity(int thread, size_t bytes, void *mask);
int open(const char *path, int flags, ...);
long read(int descriptor, void *to, size_t bytes);
int close(int descriptor);
}

namespace ingot::platform {

namespace {
constexpr int openReadOnlyCloseOnExec = 02000000;

bool readMask(CpuMask &mask) noexcept {
  return sched_getaffinity(/*thread=*/0, sizeof mask.words, mask.words) >= 0;
}

// The lowest of the CPUs that share `cpu`'s core and that the process may use; `cpu` itself when
// the system does not say.
uint32_t firstSibling(uint32_t cpu, const CpuMask &mask) noexcept {
  const char head[] = "/sys/devices/system/cpu/cpu";
  const char tail[] = "/topology/thread_siblings_list";
  char path[sizeof head + sizeof tail + 8];
  char *end = path;
  for (const char *c = head; *c; ++c)
    *end++ = *c;
  for (uint32_t unit = cpu >= 1000 ? 1000 : cpu >= 100 ? 100 : cpu >= 10 ? 10 : 1; unit; unit /= 10)
    *end++ = static_cast<char>('0' + cpu / unit % 10);
  for (const char *c = tail; *c; ++c)
    *end++ = *c;
  *end = 0;

  int file = open(path, openReadOnlyCloseOnExec);
  if (file < 0)
    return cpu;
  char text[128];
  long length = read(file, text, sizeof text);
  close(file);

  uint32_t first = firstOfList(text, length > 0 ? static_cast<size_t>(length) : 0, mask);
  return first < maxCpus ? first : cpu;
}
} // namespace

uint32_t usableCpus() noexcept {
  ErrnoGuard keep;
  CpuMask mask;
  if (!readMask(mask))
    return 1;
  uint32_t count = 0;
  for (uint32_t cpu = 0; cpu < maxCpus; ++cpu)
    count += mask.has(cpu);
  return count == 0 ? 1 : count;
}

uint32_t usableCores() noexcept {
  ErrnoGuard keep;
  CpuMask mask;
  if (!readMask(mask))
    return 1;
  uint32_t count = 0;
  for (uint32_t cpu = 0; cpu < maxCpus; ++cpu)
    count += mask.has(cpu) && firstSibling(cpu, mask) == cpu;
  return count == 0 ? 1 : count;
}

} // namespace ingot::platform
