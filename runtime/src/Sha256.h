// SHA-256 (FIPS 180-4), fed piece by piece.
#ifndef INGOT_RUNTIME_SHA256_H
#define INGOT_RUNTIME_SHA256_H

#include <stddef.h>
#include <stdint.h>

namespace ingot {

class Sha256 {
public:
  void update(const void *data, size_t bytes) noexcept;
  // The digest as four words, byte 0 of it in the lowest bits of word 0 (as in abi.h). Ends the
  // use.
  void finish(uint64_t digest[4]) noexcept;

private:
  void compress(const uint8_t *block) noexcept;

  uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                       0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  uint64_t total = 0; // bytes
  uint8_t tail[64];   // total % 64 bytes not yet compressed
};

} // namespace ingot
#endif
