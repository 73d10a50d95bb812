import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '#dist/core/errors.js';
import { openPartialFile, type PartialFile, type PartialFileOptions } from '#dist/core/files/partial-file.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';
import { withoutRights } from '../../helpers/without-rights.js';

const temporaryDirectory = temporaryDirectories();
const options: PartialFileOptions = { key: 'a', force: false };
let directory: string;
let path: string;
beforeEach(() => {
  directory = temporaryDirectory();
  path = join(directory, 'answer.bin');
});

/** Blocks of 3 to 3 + n bytes, in two chunks each. */
const blocks = Array.from({ length: 12 }, (_, at) => Buffer.alloc(3 + 37 * at, at + 1));
const whole = Buffer.concat([...blocks, Buffer.from('end')]);

/** Appends the blocks from what is there on, up to `to`. */
function append(file: PartialFile, to: number, from = file.found.length): void {
  for (let at = from; at < to; at++) {
    const block = blocks[at]!;
    file.append([block.subarray(0, 1), block.subarray(1)], { at, parts: [1, block.length - 1] });
  }
}

function leave(to: number, more: Partial<PartialFileOptions> = {}): void {
  const file = openPartialFile(path, { ...options, ...more });
  append(file, to);
  file.close();
}

function finish(more: Partial<PartialFileOptions> = {}): PartialFile {
  const file = openPartialFile(path, { ...options, ...more });
  append(file, blocks.length);
  expect(file.commit([Buffer.from('end')])).toBe(whole.length);
  file.close();
  return file;
}

function failure(more: Partial<PartialFileOptions> = {}, at = path): AppError {
  try {
    openPartialFile(at, { ...options, ...more }).close();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('nothing failed');
}

describe('a file written block by block', () => {
  it('appears at the end, and nothing else stays', () => {
    const file = openPartialFile(path, options);
    append(file, 5);
    expect(readdirSync(directory).sort()).toEqual(['answer.bin.partial', 'answer.bin.partial.log']);
    append(file, 12, 5);
    file.commit([Buffer.from('end')]);
    file.close();
    expect(readdirSync(directory)).toEqual(['answer.bin']);
    expect(readFileSync(path)).toEqual(whole);
  });

  it('goes on after the last block, with what was noted of the blocks before', () => {
    leave(7);
    const file = openPartialFile(path, options);
    expect(file.found.map(({ bytes }) => bytes)).toEqual(blocks.slice(0, 7).map(({ length }) => length));
    expect(file.found[3]!.note).toEqual({ at: 3, parts: [1, blocks[3]!.length - 1] });
    file.close();
    expect(finish().found.length).toBe(7);
    expect(readFileSync(path)).toEqual(whole);
  });

  it('is the same however much of the two files is lost, or changed, before it goes on', () => {
    const kept = temporaryDirectory();
    leave(9);
    const partial = `${path}.partial`;
    for (const name of readdirSync(directory)) copyFileSync(join(directory, name), join(kept, name));
    const sizes = [readFileSync(partial).length, readFileSync(`${partial}.log`).length];
    const harm = fc.record({
      file: fc.integer({ min: 0, max: 1 }),
      isCut: fc.boolean(),
      where: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(harm, { minLength: 1, maxLength: 3 }), (harms) => {
        for (const name of readdirSync(kept)) copyFileSync(join(kept, name), join(directory, name));
        for (const { file, isCut, where } of harms) {
          const target = file === 0 ? partial : `${partial}.log`;
          // The first line of the log is durable before there is anything else.
          const least = file === 0 ? 0 : readFileSync(target).indexOf('\n') + 1;
          const at = Math.floor(least + where * (sizes[file]! - least));
          if (isCut) truncateSync(target, Math.min(at, readFileSync(target).length));
          else flip(target, at);
        }
        finish({ force: true });
        expect(readFileSync(path)).toEqual(whole);
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it('starts over where the partial is of something else, and says so', () => {
    leave(4, { key: 'b' });
    const file = finish();
    expect(file).toMatchObject({ found: [], startedOver: true });
    expect(readFileSync(path)).toEqual(whole);
    leave(4, { force: true });
    expect(finish({ force: true })).toMatchObject({ startedOver: false });
  });

  it('can be thrown away', () => {
    const file = openPartialFile(path, options);
    append(file, 3);
    file.discard();
    file.close();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('can be opened by nobody else before it is whole, who could keep its writer away by a lock', () => {
    const mode = (name: string): number => statSync(name).mode & 0o777;
    leave(2);
    expect(mode(`${path}.partial`)).toBe(0o600);
    // An earlier version left it for everyone to read.
    chmodSync(`${path}.partial`, 0o644);
    const file = openPartialFile(path, options);
    expect(mode(`${path}.partial`)).toBe(0o600);
    file.close();
    finish();
    writeFileSync(join(directory, 'any'), '');
    expect(mode(path)).toBe(mode(join(directory, 'any')));
  });

  it('is written by one process at a time', () => {
    const file = openPartialFile(path, options);
    expect(failure()).toMatchObject({ code: 'busy', exitCode: 5 });
    append(file, 2);
    file.close();
    expect(finish().found.length).toBe(2);
  });

  it('replaces a file only by force, and one that appears meanwhile never without', () => {
    writeFileSync(path, 'mine');
    expect(failure()).toMatchObject({ code: 'bad-usage', message: `${path} is there already` });
    expect(readFileSync(path, 'utf8')).toBe('mine');
    finish({ force: true });
    expect(readFileSync(path)).toEqual(whole);

    const other = join(directory, 'other.bin');
    const file = openPartialFile(other, options);
    append(file, 12);
    writeFileSync(other, 'mine');
    expect(() => file.commit([])).toThrow('is there already');
    file.close();
    expect(readFileSync(other, 'utf8')).toBe('mine');
    expect(existsSync(`${other}.partial`)).toBe(true);
  });

  it('refuses a place where it cannot be, before anything is written', () => {
    expect(failure({}, join(directory, 'gone', 'answer'))).toMatchObject({
      code: 'bad-usage',
      message: expect.stringContaining('there is no directory') as string,
    });
    mkdirSync(path);
    expect(failure({ force: true })).toMatchObject({ code: 'bad-usage' });
    const link = join(directory, 'link');
    symlinkSync('nowhere', link);
    expect(failure({}, link)).toMatchObject({ code: 'bad-usage' });
    expect(readdirSync(directory).sort()).toEqual(['answer.bin', 'link']);
  });

  it('refuses a directory that may not be written to', async () => {
    chmodSync(directory, 0o555);
    expect(await withoutRights(() => failure())).toMatchObject({ code: 'permission-denied', exitCode: 7 });
    chmodSync(directory, 0o755);
  });

  it('leaves alone what stands where its partial would be', () => {
    writeFileSync(`${path}.partial`, 'a download of someone');
    expect(failure()).toMatchObject({
      code: 'bad-usage',
      message: expect.stringContaining('in the way') as string,
    });
    expect(readFileSync(`${path}.partial`, 'utf8')).toBe('a download of someone');

    const other = join(directory, 'other.bin');
    writeFileSync(`${other}.partial.log`, 'a log of someone');
    expect(failure({}, other)).toMatchObject({ code: 'bad-usage' });
    expect(readFileSync(`${other}.partial.log`, 'utf8')).toBe('a log of someone');

    const linked = join(directory, 'linked.bin');
    symlinkSync(path, `${linked}.partial`);
    expect(failure({}, linked)).toMatchObject({ code: 'bad-usage' });
    const there = ['answer.bin.partial', 'linked.bin.partial', 'other.bin.partial.log'];
    expect(readdirSync(directory).sort()).toEqual(there);
  });
});

/** Turns a byte of a file into another. */
function flip(file: string, at: number): void {
  const bytes = readFileSync(file);
  if (at >= bytes.length) return;
  const fd = openSync(file, 'r+');
  writeSync(fd, Uint8Array.of(bytes[at]! ^ 0x55), 0, 1, at);
  closeSync(fd);
}
