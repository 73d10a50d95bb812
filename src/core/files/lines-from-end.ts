/** Reading a file of lines from its end, however long it is: the latest lines first, and no more than is asked for. */
import { fstatSync } from 'node:fs';

import { readFully } from './read-fully.js';

const blockBytes = 64 << 10;
const lineFeed = 0x0a;

/** The offset after the last line feed: what follows it is a line that was cut short. 0 where there is none. Throws errno errors. */
export function endOfLines(fd: number): number {
  for (let end = fstatSync(fd).size; end > 0;) {
    const block = readBlockBefore(fd, end);
    const at = block.lastIndexOf(lineFeed);
    end -= block.length;
    if (at !== -1) return end + at + 1;
  }
  return 0;
}

/**
 * The lines that end at `end` (see `endOfLines`) and before it, the last one first, without their line feeds. undefined
 * stands for a line of more than `maxLineBytes`, which nothing of ours is. Throws errno errors.
 */
export function* linesBefore(fd: number, end: number, maxLineBytes = 1 << 20): Generator<string | undefined> {
  if (end === 0) return;
  let line = new LineEnd(maxLineBytes);
  for (let position = end - 1; position > 0;) {
    const block = readBlockBefore(fd, position);
    if (block.length === 0) return;
    position -= block.length;
    let stop = block.length;
    while (stop > 0) {
      const at = block.lastIndexOf(lineFeed, stop - 1);
      line.prepend(block.subarray(at + 1, stop));
      if (at === -1) break;
      yield line.text();
      line = new LineEnd(maxLineBytes);
      stop = at;
    }
  }
  yield line.text();
}

/** At most a block of the bytes before `end`; fewer where the file was cut meanwhile. */
function readBlockBefore(fd: number, end: number): Buffer {
  const block = Buffer.alloc(Math.min(end, blockBytes));
  return block.subarray(0, readFully(fd, block, end - block.length));
}

/** A line as far as it has been read, from its end on. */
class LineEnd {
  readonly #maxBytes: number;
  readonly #pieces: Uint8Array[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  prepend(piece: Uint8Array): void {
    this.#bytes += piece.length;
    if (this.#bytes <= this.#maxBytes) this.#pieces.push(piece);
    else this.#pieces.length = 0;
  }

  text(): string | undefined {
    if (this.#bytes > this.#maxBytes) return undefined;
    return Buffer.concat(this.#pieces.reverse()).toString('utf8');
  }
}
