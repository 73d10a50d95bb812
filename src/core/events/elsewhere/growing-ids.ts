/**
 * Distinct ids, numbered as they come. Their bytes stand end to end, with an open-addressing table of numbers beside them, so that
 * millions of look-ups touch no object: half of what a Map of strings takes, and nothing for the garbage collector.
 */
import type { StringColumn } from '../../contracts.js';
import { stringColumnFrom } from '../../tables/string-column.js';

export class GrowingIds {
  #bytes = Buffer.alloc(1 << 12);
  #offsets = new Int32Array(1 << 8);
  #hashes = new Uint32Array(1 << 8);
  /** Index + 1, or 0; a power of two, at least half of it free. */
  #slots = new Int32Array(1 << 9);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get numBytes(): number {
    return this.#offsets[this.#length]!;
  }

  /** A number that is the same for the same id, everywhere: FNV-1a of its UTF-16. */
  hashOf(index: number): number {
    return this.#hashes[index]!;
  }

  /** The index of an id, which is the next one where it is new. */
  indexOf(text: string): number {
    let hash = 0x811c9dc5;
    let units = 0;
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      units |= unit;
      hash = Math.imul(hash ^ unit, 0x01000193);
    }
    hash = (hash ^ (hash >>> 15)) >>> 0;
    const isAscii = units < 128;
    const last = this.#slots.length - 1;
    for (let slot = hash & last; ; slot = (slot + 1) & last) {
      const index = this.#slots[slot]! - 1;
      if (index < 0) return this.#insert(text, hash, slot);
      if (this.#hashes[index] === hash && this.#isAt(index, text, isAscii)) return index;
    }
  }

  /** Those that there are, over memory that is written to when more come. */
  column(): StringColumn {
    const offsets = this.#offsets.subarray(0, this.#length + 1);
    return stringColumnFrom(this.#bytes.subarray(0, this.numBytes), offsets);
  }

  clear(): void {
    this.#length = 0;
    this.#slots.fill(0);
  }

  #isAt(index: number, text: string, isAscii: boolean): boolean {
    const [from, to] = [this.#offsets[index]!, this.#offsets[index + 1]!];
    if (!isAscii) return this.#bytes.toString('utf8', from, to) === text;
    if (to - from !== text.length) return false;
    for (let at = 0; at < text.length; at++) if (this.#bytes[from + at] !== text.charCodeAt(at)) return false;
    return true;
  }

  #insert(text: string, hash: number, slot: number): number {
    const index = this.#length++;
    const from = this.#offsets[index]!;
    if (from + 3 * text.length > this.#bytes.length) {
      const bytes = Buffer.alloc(2 * this.#bytes.length + 3 * text.length);
      this.#bytes.copy(bytes, 0, 0, from);
      this.#bytes = bytes;
    }
    if (index + 2 > this.#offsets.length) {
      const offsets = new Int32Array(2 * this.#offsets.length);
      offsets.set(this.#offsets);
      this.#offsets = offsets;
      const hashes = new Uint32Array(offsets.length);
      hashes.set(this.#hashes);
      this.#hashes = hashes;
    }
    this.#offsets[index + 1] = from + this.#bytes.write(text, from);
    this.#hashes[index] = hash;
    this.#slots[slot] = index + 1;
    if (2 * this.#length > this.#slots.length) this.#spread();
    return index;
  }

  #spread(): void {
    const slots = new Int32Array(2 * this.#slots.length);
    const last = slots.length - 1;
    for (let index = 0; index < this.#length; index++) {
      let slot = this.#hashes[index]! & last;
      while (slots[slot] !== 0) slot = (slot + 1) & last;
      slots[slot] = index + 1;
    }
    this.#slots = slots;
  }
}
