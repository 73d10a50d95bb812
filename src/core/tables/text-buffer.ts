/** UTF-8 text that is put together in memory which is used again and again. */
export class TextBuffer {
  #buffer = Buffer.allocUnsafe(1 << 20);
  /** Of the buffer. */
  view = viewOf(this.#buffer);
  length = 0;

  /** Makes room for so many bytes more; `view` may be another then. */
  reserve(more: number): void {
    if (this.length + more <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.length + more, 2 * this.#buffer.length));
    this.#buffer.copy(larger, 0, 0, this.length);
    this.#buffer = larger;
    this.view = viewOf(larger);
  }

  appendByte(byte: number): void {
    this.reserve(1);
    this.view.setUint8(this.length++, byte);
  }

  append(text: string): void {
    this.reserve(3 * text.length);
    this.length += this.#buffer.write(text, this.length);
  }

  /** Text that was encoded once and is appended often. */
  appendKept(text: KeptText): void {
    this.reserve(text.length + copySlack);
    this.length = copyText(this.view, this.length, text.view, 0, text.length);
  }

  /** What was written, until it is written again. */
  written(): Uint8Array {
    return this.#buffer.subarray(0, this.length);
  }
}

export interface KeptText {
  readonly view: DataView;
  readonly length: number;
}

export function keepText(text: string): KeptText {
  const length = Buffer.byteLength(text);
  const bytes = Buffer.alloc(length + copySlack);
  bytes.write(text);
  return { view: viewOf(bytes), length };
}

/** Bytes beyond what is copied that are read and written, and mean nothing. */
export const copySlack = 3;

/**
 * Copies bytes four at a time and returns where they end: texts of some dozen bytes are there before a call of
 * `TypedArray.set` would be. Both sides have `copySlack` bytes beyond.
 */
export function copyText(to: DataView, at: number, from: DataView, start: number, length: number): number {
  for (let n = 0; n < length; n += 4) to.setUint32(at + n, from.getUint32(start + n, true), true);
  return at + length;
}

export function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
