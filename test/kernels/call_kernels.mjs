// The host of Guest.h: loads a module of kernels and calls them as requests on standard input say.

import { readFileSync, readSync, writeSync } from 'node:fs';

const MARGIN = 256; // bytes of rubbish in front of and behind every region
const RUBBISH = 0xa5;
const VIEW_BYTES = 64,
  HOST_AT = 12; // struct halide_buffer_t with pointers of 32 bits

const { instance } = await WebAssembly.instantiate(readFileSync(process.argv[2]), {});
const { memory, ...kernels } = instance.exports;
const base = kernels.__heap_base.value;

function read(bytes) {
  const buffer = Buffer.alloc(bytes);
  for (let at = 0; at < bytes;) {
    const got = readSync(0, buffer, at, bytes - at);
    if (got === 0) process.exit(at === 0 ? 0 : 1); // the end, between two requests
    at += got;
  }
  return buffer;
}
const word = () => read(4).readUInt32LE();
const words = (count) => Array.from({ length: count }, word);

function write(buffer) {
  for (let at = 0; at < buffer.length;) at += writeSync(1, buffer, at);
}

for (;;) {
  const symbol = read(word()).toString();
  const scalars = words(word()).map((scalar) => scalar | 0);
  const sizes = words(word());
  const views = Array.from({ length: word() }, () => ({ region: word(), offset: word() }));

  let end = Math.ceil(base / 64) * 64;
  const begins = sizes.map((size) => {
    const begin = end + MARGIN;
    end = Math.ceil((begin + size + MARGIN) / 64) * 64;
    return begin;
  });
  const viewsAt = end;
  end += views.length * VIEW_BYTES;
  const missing = end - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / 65536));
  const bytes = new Uint8Array(memory.buffer);
  bytes.fill(RUBBISH, base, end);
  sizes.forEach((size, i) => bytes.set(read(size), begins[i]));
  const data = new DataView(memory.buffer);
  views.forEach(({ region, offset }, i) =>
    data.setUint32(viewsAt + i * VIEW_BYTES + HOST_AT, begins[region] + offset, true),
  );

  let result = kernels[symbol](...scalars, ...views.map((_, i) => viewsAt + i * VIEW_BYTES));
  sizes.forEach((size, i) => {
    const margins = [
      bytes.subarray(begins[i] - MARGIN, begins[i]),
      bytes.subarray(begins[i] + size, begins[i] + size + MARGIN),
    ];
    if (margins.some((margin) => margin.some((byte) => byte !== RUBBISH))) result = -2;
  });
  const answer = Buffer.alloc(4);
  answer.writeInt32LE(result);
  write(answer);
  sizes.forEach((size, i) => write(Buffer.from(memory.buffer, begins[i], size)));
}
