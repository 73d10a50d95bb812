import { createHash } from 'node:crypto';
import { closeSync, openSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hashDescriptor, hashFile, sha256Hex } from '#dist/core/files/sha256.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories();
const chunk = 256 << 10;
const turn = 4 << 20;
/** About the ends of what is read at once, and of a turn of the event loop. */
const sizes = [0, 1, chunk - 1, chunk, chunk + 1, turn - 1, turn, turn + 1, 2 * turn + 17];

function fileOf(bytes: number): { path: string; sha256: string } {
  const path = join(temporaryDirectory(), 'file');
  const content = Buffer.alloc(bytes);
  for (let at = 0; at < bytes; at += 4096) content[at] = at >> 12;
  writeFileSync(path, content);
  return { path, sha256: createHash('sha256').update(content).digest('hex') };
}

describe('sha256', () => {
  it('of several chunks is that of their concatenation', () => {
    expect(sha256Hex()).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(sha256Hex('ab', Buffer.from('c'))).toBe(sha256Hex('abc'));
    expect(sha256Hex(Uint16Array.of(0x6261, 0x6463))).toBe(sha256Hex('abcd'));
    expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  it.each(sizes)('of a file of %i bytes is right, by path and by descriptor', async (bytes) => {
    const { path, sha256 } = fileOf(bytes);
    let told = 0;
    expect(await hashFile(path, { onBytes: (count) => (told += count) })).toEqual({ bytes, sha256 });
    expect(told).toBe(bytes);
    const fd = openSync(path, 'r');
    expect(hashDescriptor(fd)).toEqual({ bytes, sha256 });
    closeSync(fd);
  });

  it('does not follow a link', async () => {
    const { path } = fileOf(3);
    symlinkSync(path, `${path}.link`);
    await expect(hashFile(`${path}.link`)).rejects.toThrow('is a symbolic link');
  });

  it('stops where it is aborted', async () => {
    const { path } = fileOf(3 * turn);
    const abort = new AbortController();
    const onBytes = (): void => {
      abort.abort();
    };
    await expect(hashFile(path, { signal: abort.signal, onBytes })).rejects.toThrow('interrupted');
  });
});
