// Files and standard streams, with the messages of runtime/cli/Files.h.

import {
  closeSync,
  fstatSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';

import { FAILED, fail } from './options.mjs';

function writeAll(descriptor, bytes) {
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(descriptor, bytes, at);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2); // a full pipe: let its reader work
    }
  }
}

export function print(bytes) {
  try {
    writeAll(1, typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
  } catch (error) {
    fail(FAILED, `cannot write to standard output: ${reason(error)}`);
  }
}

const reason = (error) =>
  ({
    ENOENT: 'No such file or directory',
    EACCES: 'Permission denied',
    EPIPE: 'Broken pipe',
    EISDIR: 'Is a directory',
    ENOSPC: 'No space left on device',
  })[error.code] ?? error.message;

/** The bytes of a file, or of standard input. */
export function readWhole(path) {
  try {
    return readFileSync(path ?? 0);
  } catch (error) {
    return fail(FAILED, `cannot read '${path ?? 'standard input'}': ${reason(error)}`);
  }
}

/** A NumPy 1.0 file of float32 [rows][columns] that appears whole or not at all. */
export class NpyWriter {
  constructor(path, rows, columns) {
    this.path = path;
    this.temporary = `${path}.tmp-${process.pid}`;
    const shape = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`;
    const total = Math.ceil((10 + shape.length + 1) / 64) * 64;
    const header = Buffer.alloc(total, ' ');
    header.write('\x93NUMPY\x01\x00', 'latin1');
    header.writeUInt16LE(total - 10, 8);
    header.write(shape, 10, 'latin1');
    header[total - 1] = 10;
    this.attempt('create', () => {
      this.descriptor = openSync(this.isSpecial() ? path : this.temporary, 'w', 0o666);
      writeAll(this.descriptor, header);
    });
  }
  isSpecial() {
    // a pipe or a device: nothing to rename
    try {
      const file = openSync(this.path, 'r+');
      const special = !fstatSync(file).isFile();
      closeSync(file);
      return (this.special = special);
    } catch {
      return (this.special = false);
    }
  }
  write(values) {
    this.attempt('write', () =>
      writeAll(this.descriptor, Buffer.from(values.buffer, values.byteOffset, values.byteLength)),
    );
  }
  finish() {
    this.attempt('write', () => {
      closeSync(this.descriptor);
      if (!this.special) renameSync(this.temporary, this.path);
    });
  }
  discard() {
    if (!this.special)
      try {
        unlinkSync(this.temporary);
      } catch {
        /* never made, or renamed already */
      }
  }
  attempt(doing, body) {
    try {
      body();
    } catch (error) {
      fail(FAILED, `cannot ${doing} '${this.path}': ${reason(error)}`);
    }
  }
}
