/**
 * A WASM module says whether the memory that it imports is shared, and takes no other kind. The same code with the
 * other kind is the same module with one bit turned: in its import section, the limits of its memory.
 *
 * Format: WebAssembly core specification, "Binary Format"; the bit: its threads proposal, "limits".
 */
const preambleBytes = 8;
const importSection = 2;
const memoryImport = 2;
/** Bits of a memory's limits. */
const hasMaximum = 1;
const isShared = 2;

/** A copy of the module that takes unshared memory. Throws where its first import is not a shared memory. */
export function withUnsharedMemory(module: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(module);
  let at = preambleBytes;
  /** LEB128 of 32 bits. */
  const readNumber = (): number => {
    for (let value = 0, shift = 0; ; shift += 7) {
      const byte = bytes[at++] ?? 0;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const skipName = (): void => {
    const length = readNumber();
    at += length;
  };
  while (at < bytes.length) {
    const section = bytes[at++];
    const length = readNumber();
    if (section !== importSection) {
      at += length;
      continue;
    }
    for (let imports = readNumber(); imports > 0; imports--) {
      skipName();
      skipName();
      const kind = bytes[at++];
      if (kind === memoryImport && bytes[at] === (hasMaximum | isShared)) {
        bytes[at] = hasMaximum;
        return bytes;
      }
      // A function: the number of its type. Our kernels import nothing else.
      readNumber();
    }
  }
  throw new Error('the kernels import no shared memory');
}
