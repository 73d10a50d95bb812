/** Roots that are none, or are called strangely: each its own message and exit code, and nothing is made or removed. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { runHere } from '../helpers/run-here.js';
import { makeSmallSnapshot } from '../helpers/small-snapshot.js';
import { idA } from '../helpers/snapshots.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';

const keptDirectory = temporaryDirectories('file');
let folder: string;

beforeAll(() => {
  folder = keptDirectory();
  writeFileSync(join(folder, 'events.csv'), 'user,item\nann,one\nann,two\nben,one\nben,three\n');
  writeFileSync(join(folder, 'file'), 'a file of mine');
});

interface Ended {
  readonly code: number | null;
  readonly stderr: string;
  readonly message: string;
}

async function run(args: readonly string[], root?: string): Promise<Ended> {
  const env = root === undefined ? {} : { SEGUE_ROOT: root };
  const { code, signal, stdout, stderr } = await runHere([...args, '--json'], { cwd: folder, env });
  expect(signal).toBe(null);
  const [first = ''] = stdout.split('\n');
  const { error } = JSON.parse(first === '' ? '{}' : first) as { error?: { message: string } };
  return { code, stderr, message: error?.message ?? '' };
}

const reading = [['similar', 'one'], ['publish'], ['rollback'], ['gc'], ['snapshots', 'list']] as const;
const train = ['train', 'events.csv', '--factors', '2', '--epochs', '1', '--threads', '1'] as const;

describe('a root', () => {
  it('that is a file is said to be one, by whoever reads or makes', async () => {
    for (const args of [...reading, train]) {
      const { code, message } = await run([...args, '--root', 'file']);
      expect([args[0], code, message]).toEqual([
        args[0],
        2,
        '--root "file": wanted a directory; it is a file',
      ]);
    }
  });

  it('with an empty name is refused, from a flag and from the environment', async () => {
    for (const args of [...reading, train]) {
      const { code, message } = await run([...args, '--root', '']);
      expect([args[0], code, message]).toEqual([args[0], 2, expect.stringContaining('--root')]);
    }
    // As everywhere in a shell, a variable that is empty is not set.
    expect(await run(['snapshots', 'list'], '')).toMatchObject({ code: 0 });
    expect(readdirSync(folder).sort()).toEqual(['events.csv', 'file']);
  });

  it('with a name that is too long for the machine is refused', async () => {
    for (const name of ['x'.repeat(300), `${'x'.repeat(200)}/`.repeat(40)]) {
      for (const args of [['similar', 'one'], ['gc'], train]) {
        const { code, message } = await run([...args, '--root', name]);
        expect([args[0], code, message]).toEqual([args[0], 2, expect.stringContaining('too long')]);
      }
    }
  });

  it('/ is a directory like others: there is nothing in it', async () => {
    const before = readdirSync('/').sort();
    expect(await run(['similar', 'one', '--root', '/'])).toMatchObject({
      code: 3,
      message: 'nothing is published in / yet',
    });
    expect(await run(['gc', '--root', '/'])).toMatchObject({ code: 3 });
    expect(readdirSync('/').sort()).toEqual(before);
  });

  it('whose path has line feeds, escapes and quotes works, and is shown harmlessly', async () => {
    const root = join(folder, 'a\nb\u001b[2J "c" $(d) \u202e');
    mkdirSync(root);
    await makeSmallSnapshot(root, idA, {
      items: [
        ['one', 1, 0],
        ['two', 0, 1],
      ],
    });
    expect(await run(['publish', '--root', root])).toMatchObject({ code: 0 });
    expect(await run(['similar', 'one'], root)).toMatchObject({ code: 0 });
    const { code, stderr, stdout } = await runHere(['similar', 'one', '--snapshot', 'nothing'], {
      env: { SEGUE_ROOT: root },
    });
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toContain('a\\nb\\x1b[2J "c" $(d) \\u202e');
    // eslint-disable-next-line no-control-regex -- that none is left is what is tested
    expect(stderr).not.toMatch(/[\u001b\u202e]/);
  });

  it('is named once', async () => {
    const { code, message } = await run(['similar', 'one', '--root', 'file', '--root', 'nowhere']);
    expect([code, message]).toEqual([2, '--root is given twice: wanted once']);
    // The flag is meant where the environment says something else.
    expect(await run(['similar', 'one', '--root', 'nowhere'], 'file')).toMatchObject({
      code: 3,
      message: 'nothing is published in nowhere yet',
    });
  });
});
