// The system's text form of a set of CPUs: "0,4", "0-1", "2-3,10-11".
#ifndef INGOT_RUNTIME_LINUX_CPULIST_H
#define INGOT_RUNTIME_LINUX_CPULIST_H

#include <stddef.h>
#include <stdint.h>

namespace ingot::platform {

constexpr uint32_t maxCpus = 1024;

struct CpuMask {
  static constexpr uint32_t bitsPerWord = sizeof(unsigned long) * 8;
  unsigned long words[maxCpus / bitsPerWord] = {};

  bool has(uint32_t cpu) const noexcept {
    return cpu < maxCpus && (words[cpu / bitsPerWord] >> (cpu % bitsPerWord) & 1) != 0;
  }
  void add(uint32_t cpu) noexcept { words[cpu / bitsPerWord] |= 1ul << (cpu % bitsPerWord); }
};

// The first CPU of the list that is in `mask`, or maxCpus. Text that is no list ends it.
inline uint32_t firstOfList(const char *text, size_t length, const CpuMask &mask) noexcept {
  for (size_t i = 0; i < length;) {
    uint32_t bounds[2];
    for (uint32_t &bound : bounds) {
      uint32_t number = 0;
      size_t digits = 0;
      for (; i < length && text[i] >= '0' && text[i] <= '9'; ++i, ++digits)
        number = number < maxCpus ? number * 10 + static_cast<uint32_t>(text[i] - '0') : maxCpus;
      if (digits == 0)
        return maxCpus;
      bound = bounds[1] = number;
      if (i == length || text[i] != '-')
        break;
      ++i;
    }
    for (uint32_t cpu = bounds[0]; cpu <= bounds[1] && cpu < maxCpus; ++cpu)
      if (mask.has(cpu))
        return cpu;
    if (i == length || text[i] != ',')
      break;
    ++i;
  }
  return maxCpus;
}

} // namespace ingot::platform
#endif
