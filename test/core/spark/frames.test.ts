import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readFrames, writeFrame, type Frame } from '#dist/core/spark/frames.js';

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

async function bytesOfFrames(...frames: Frame[]): Promise<Uint8Array> {
  const stream = new PassThrough({ highWaterMark: 1 << 20 });
  for (const frame of frames) await writeFrame(stream, frame);
  stream.end();
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

describe('frames', () => {
  const sent = [
    { head: { op: 'run', text: 'ü' }, blobs: [Uint8Array.of(1, 2, 3), new Uint8Array()] },
    { head: {}, blobs: [] },
    { head: { id: 7 }, blobs: [new Uint8Array(1000).fill(9)] },
  ];

  it.each([1, 3, 64, 100_000])('come out as they went in, in pieces of %i bytes', async (size) => {
    const got: Frame[] = [];
    for await (const frame of readFrames(pieces(await bytesOfFrames(...sent), size))) got.push(frame);
    expect(got).toEqual(sent);
  });

  it('fail where the stream ends within one', async () => {
    const bytes = await bytesOfFrames(...sent);
    const read = async (): Promise<void> => {
      for await (const { head } of readFrames(pieces(bytes.subarray(0, -1), 100))) expect(head).toBeDefined();
    };
    await expect(read()).rejects.toThrow('the stream ended after 999 of 1000 bytes');
  });
});
