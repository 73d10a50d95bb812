/** Frames between processes: u32 little-endian length of a JSON head, the head, and the blobs whose sizes it lists. */
import { once } from 'node:events';
import type { Writable } from 'node:stream';

export type Head = Readonly<Record<string, unknown>>;

export interface Frame {
  readonly head: Head;
  readonly blobs: readonly Uint8Array[];
}

/** Resolves once the stream takes more. Frames of several callers do not mix. */
export async function writeFrame(output: Writable, { head, blobs }: Frame): Promise<void> {
  const text = Buffer.from(JSON.stringify({ ...head, sizes: blobs.map((blob) => blob.length) }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  let takesMore = true;
  output.cork();
  for (const piece of [length, text, ...blobs]) if (piece.length > 0) takesMore = output.write(piece);
  output.uncork();
  if (!takesMore) await once(output, 'drain');
}

/** Until the stream ends; a frame that is cut off is an Error. Blobs are memory of their own, aligned to 8 bytes. */
export async function* readFrames(input: AsyncIterable<Uint8Array>): AsyncGenerator<Frame> {
  const bytes = byteReader(input[Symbol.asyncIterator]());
  for (;;) {
    const length = await bytes.take(4, true);
    if (length === undefined) return;
    const text = await bytes.take(new DataView(length.buffer).getUint32(0, true));
    const { sizes, ...head } = JSON.parse(new TextDecoder().decode(text)) as Head & {
      readonly sizes: readonly number[];
    };
    const blobs: Uint8Array[] = [];
    for (const size of sizes) blobs.push(await bytes.take(size));
    yield { head, blobs };
  }
}

interface ByteReader {
  /** The next `size` bytes; undefined at the end of the stream, where it `mayEnd` before them. */
  take(size: number, mayEnd: true): Promise<Uint8Array<ArrayBuffer> | undefined>;
  take(size: number): Promise<Uint8Array<ArrayBuffer>>;
}

function byteReader(input: AsyncIterator<Uint8Array>): ByteReader {
  let rest: Uint8Array = new Uint8Array();
  async function take(size: number, mayEnd: true): Promise<Uint8Array<ArrayBuffer> | undefined>;
  async function take(size: number): Promise<Uint8Array<ArrayBuffer>>;
  async function take(size: number, mayEnd = false): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const taken = new Uint8Array(size);
    for (let have = 0; have < size;) {
      if (rest.length === 0) {
        const next = await input.next();
        if (next.done === true) {
          if (mayEnd && have === 0) return undefined;
          throw new Error(`the stream ended after ${have} of ${size} bytes`);
        }
        rest = next.value;
      }
      const piece = rest.subarray(0, size - have);
      taken.set(piece, have);
      have += piece.length;
      rest = rest.subarray(piece.length);
    }
    return taken;
  }
  return { take };
}
