import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '#dist/core/errors.js';
import {
  scratchError,
  sweepScratch,
  withScratchDirectory,
} from '#dist/core/events/files/scratch-directory.js';
import { failureOf } from '../../../helpers/event-oracle.js';
import { temporaryDirectories } from '../../../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories();
const before = process.env['TMPDIR'];
let parent: string;

beforeEach(() => {
  parent = temporaryDirectory();
  process.env['TMPDIR'] = parent;
});
afterEach(() => {
  if (before === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = before;
});

const nothing = (): Promise<void> => Promise.resolve();

/** Another process with a scratch directory, and 12 bytes in it; `kill` ends it as the kernel does. */
async function otherProcess(): Promise<{ readonly directory: string; kill(): Promise<void> }> {
  const module = new URL('../../../../dist/core/events/files/scratch-directory.js', import.meta.url).href;
  const program = `
    import { writeFileSync, mkdirSync } from 'node:fs';
    import { withScratchDirectory } from ${JSON.stringify(module)};
    await withScratchDirectory(async (directory) => {
      mkdirSync(directory + '/spill');
      writeFileSync(directory + '/spill/unpacked.csv', 'u,i\\n1,2\\n3,4\\n');
      console.log(directory);
      await new Promise((resolve) => setTimeout(resolve, 1e6));
    });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return {
    directory: line.toString().trim(),
    async kill() {
      child.kill('SIGKILL');
      await once(child, 'close');
    },
  };
}

describe('a scratch directory', () => {
  it('is gone when the work is done, or fails', async () => {
    let seen = '';
    await withScratchDirectory((directory) => {
      seen = directory;
      writeFileSync(join(directory, 'x'), '');
      return nothing();
    });
    expect(seen.startsWith(join(parent, 'segue-'))).toBe(true);
    await expect(withScratchDirectory(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(readdirSync(parent)).toEqual([]);
  });

  it('stays while its process lives, and goes with the next one once that was killed', async () => {
    const { directory, kill } = await otherProcess();
    try {
      await withScratchDirectory(nothing);
      expect(existsSync(join(directory, 'spill/unpacked.csv'))).toBe(true);
    } finally {
      await kill();
    }
    expect(existsSync(directory)).toBe(true);
    await withScratchDirectory(nothing);
    expect(readdirSync(parent)).toEqual([]);
  });

  it('of this very process is not swept either', async () => {
    await withScratchDirectory(async (outer) => {
      await withScratchDirectory(nothing);
      expect(existsSync(outer)).toBe(true);
    });
  });
});

describe('sweepScratch', () => {
  it('leaves alone what is not, or not yet, a scratch directory of a dead process', () => {
    const young = mkdtempSync(join(parent, 'segue-'));
    mkdirSync(join(parent, 'segue-notes'));
    writeFileSync(join(parent, 'segue-notes', '.lock'), '');
    writeFileSync(join(parent, 'segue-abcdef'), '');
    const target = join(parent, 'mine');
    mkdirSync(target);
    writeFileSync(join(target, '.lock'), '');
    symlinkSync(target, join(parent, 'segue-linked'));
    const odd = mkdtempSync(join(parent, 'segue-'));
    mkdirSync(join(odd, '.lock'));
    const all = readdirSync(parent, { recursive: true });
    sweepScratch(parent);
    expect(readdirSync(parent, { recursive: true })).toEqual(all);
    expect(existsSync(young)).toBe(true);
    sweepScratch(join(parent, 'missing'));
  });

  it('follows no link out of a dead one', () => {
    const dead = mkdtempSync(join(parent, 'segue-'));
    writeFileSync(join(dead, '.lock'), '');
    const outside = join(parent, 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'kept'), '');
    symlinkSync(outside, join(dead, 'link'));
    sweepScratch(parent);
    expect(existsSync(dead)).toBe(false);
    expect(readdirSync(outside)).toEqual(['kept']);
  });
});

const errno = (code: string): Error => Object.assign(new Error(code), { code });
const advice = 'Temporary files go to /nope: set TMPDIR to a directory with enough space.';

describe('a temporary directory', () => {
  it('that cannot be made names TMPDIR', async () => {
    process.env['TMPDIR'] = '/nope';
    const error = await failureOf(withScratchDirectory(() => Promise.resolve()));
    expect(error).toMatchObject({
      code: 'io-error',
      exitCode: 7,
      message: 'could not make a temporary directory in /nope: ENOENT',
    });
    expect(error['suggestions']).toEqual([advice]);
  });

  it.each([
    ['ENOSPC', 'disk-full', 'no space is left on the device'],
    ['EDQUOT', 'disk-full', 'no space is left on the device'],
    ['EROFS', 'permission-denied', 'the file system is read-only'],
  ])('that cannot be written (%s) names TMPDIR', (code, kind, why) => {
    process.env['TMPDIR'] = '/nope';
    expect(scratchError(errno(code), 'unpack e.csv.gz to a temporary file')).toMatchObject({
      code: kind,
      exitCode: 7,
      message: `could not unpack e.csv.gz to a temporary file: ${why}`,
      suggestions: [advice],
    });
  });

  it('is not blamed for what another would not change', () => {
    expect(scratchError(errno('EIO'), 'copy x').suggestions).toEqual([]);
    const known = new AppError('bad-row', 'x line 1: an id is too long');
    expect(scratchError(known, 'copy x')).toBe(known);
  });
});
