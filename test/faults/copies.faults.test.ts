/**
 * Snapshots and whole roots that were copied, moved, or made where hard links are refused: each is whole, answers the
 * same bytes, and neither lives nor dies with what it came from. They are the golden ones, made long ago elsewhere.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { useCanaryHere } from '../helpers/canary-here.js';
import { copyGoldenRoot } from '../helpers/golden-root.js';
import { runHere } from '../helpers/run-here.js';
import { binPath, cleanEnv } from '../helpers/run-segue.js';
import { scratchPath } from '../helpers/scratch-path.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';
import { hashesBelow } from '../helpers/trained-root.js';
import { words } from '../helpers/words.js';

useCanaryHere();

const temporaryDirectory = temporaryDirectories();

/** A golden root, and the id of the snapshot in it that is tagged alone. */
let root: string;
let alone: string;

beforeEach(() => {
  root = join(temporaryDirectory(), 'root');
  copyGoldenRoot('v1', root);
  alone = readlinkSync(join(root, 'tags/alone')).slice('../snapshots/'.length);
});

async function segue(inRoot: string, args: readonly string[], wanted = 0): Promise<Record<string, any>> {
  const { code, stdout } = await runHere([...args, '--json'], { env: { SEGUE_ROOT: inRoot } });
  expect(code, `${args.join(' ')}: ${stdout}`).toBe(wanted);
  return JSON.parse(stdout) as Record<string, any>;
}

async function answers(inRoot: string, reference: string): Promise<unknown> {
  const of = ['--snapshot', reference];
  const near = await segue(inRoot, ['similar', 'fleetwood-mac-rhiannon', ...of]);
  const liked = await segue(inRoot, ['recommend', '--like', 'Rhiannon', ...of]);
  return [near['neighbours'], liked['recommendations']];
}

/** What people copy a directory with; each makes `to` out of `from`. */
const ways: Readonly<Record<string, (from: string, to: string) => unknown>> = {
  'cp -a': (from, to) => execFileSync('cp', ['-a', from, to]),
  'cp -r': (from, to) => execFileSync('cp', ['-r', from, to]),
  'rsync -a': (from, to) => execFileSync('rsync', ['-a', `${from}/`, to]),
  tar: (from, to) => {
    mkdirSync(to);
    const archive = execFileSync('tar', ['-C', from, '-cf', '-', '.'], { maxBuffer: 1 << 28 });
    execFileSync('tar', ['-C', to, '-xf', '-'], { input: archive });
  },
};
for (const way of Object.keys(ways))
  describe(`copied by ${way}`, { tags: way.startsWith('rsync') ? ['rsync'] : [] }, () => {
    it('one snapshot is published right away, answers the same, and is not the latest', async () => {
      const other = join(temporaryDirectory(), 'other');
      mkdirSync(join(other, 'snapshots'), { recursive: true });
      ways[way]!(join(root, 'snapshots', alone), join(other, 'snapshots', alone));
      const published = await segue(other, ['publish', alone]);
      expect(published).toMatchObject({ published: alone, previous: null, verified: { files: 5 } });
      expect(await answers(other, 'current')).toEqual(await answers(root, 'alone'));
      expect(hashesBelow(join(other, 'snapshots', alone))).toEqual(
        hashesBelow(join(root, 'snapshots', alone)),
      );
      // What was copied in was not made here.
      expect((await segue(other, ['publish'], 3))['error'].code).toBe('snapshot-not-found');
      const [listed] = (await segue(other, ['snapshots', 'list']))['snapshots'] as Record<string, any>[];
      expect(listed).toMatchObject({
        snapshot: alone,
        current: true,
        latest: false,
        damage: null,
        bytes: { shared: 0 },
      });
      await segue(other, ['build-index', 'current']);
      await segue(other, ['publish']);
    });

    it('a whole root keeps what is current, latest, tagged and past; stamps of the old one vouch for nothing', async () => {
      const child = (await segue(root, ['build-index', 'alone']))['snapshot'] as string;
      await segue(root, ['snapshots', 'verify']);
      expect(existsSync(join(root, 'stamps', alone))).toBe(true);
      const copy = join(temporaryDirectory(), 'copy');
      ways[way]!(root, copy);
      for (const reference of ['current', 'previous', 'latest', 'alone', child]) {
        const before = await segue(root, ['snapshots', 'show', reference]);
        expect(await segue(copy, ['snapshots', 'show', reference])).toMatchObject({
          snapshot: before['snapshot'],
        });
      }
      expect(await answers(copy, child)).toEqual(await answers(root, child));
      expect(readFileSync(join(copy, 'history.jsonl'))).toEqual(readFileSync(join(root, 'history.jsonl')));

      // Damage that only reading can find: same size, same time.
      const file = join(copy, 'snapshots', alone, 'model/item.npy');
      const { atime, mtime } = statSync(join(root, 'snapshots', alone, 'model/item.npy'));
      const bytes = readFileSync(file);
      bytes[bytes.length - 1]! ^= 1;
      expect(readFileSync(join(copy, 'stamps', alone))).toEqual(readFileSync(join(root, 'stamps', alone)));
      chmodSync(file, 0o644);
      writeFileSync(file, bytes);
      utimesSync(file, atime, mtime);
      const { error } = await segue(copy, ['similar', 'fleetwood-mac-rhiannon', '--snapshot', alone], 4);
      expect(error).toMatchObject({ code: 'damaged-snapshot', details: { file: 'model/item.npy' } });
      await answers(root, 'alone');
    });
  });

describe('a root', () => {
  it('that was moved, or is reached through a link, works; its links are relative', async () => {
    const before = await answers(root, 'current');
    const moved = join(temporaryDirectory(), 'elsewhere', 'moved');
    mkdirSync(join(moved, '..'));
    renameSync(root, moved);
    for (const link of ['current', 'latest', 'tags/alone'])
      expect(readlinkSync(join(moved, link))).not.toMatch(/^\//);
    expect(await answers(moved, 'current')).toEqual(before);
    const linked = join(temporaryDirectory(), 'linked');
    symlinkSync(moved, linked);
    expect(await answers(linked, 'previous')).toEqual(await answers(moved, 'previous'));
    await segue(linked, ['publish', alone]);
    await segue(linked, ['build-index', 'alone']);
    expect(await answers(moved, 'current')).toEqual(await answers(moved, 'alone'));
  });

  // What is not TMPDIR's: memory, or the disk that the repository is on.
  const elsewhere = [scratchPath, fileURLToPath(new URL('../..', import.meta.url))].find(
    (path) => existsSync(path) && statSync(path).dev !== statSync(tmpdir()).dev,
  )!;
  it('on another file system than TMPDIR is written and read like any other', async () => {
    const other = mkdtempSync(join(elsewhere, 'segue-test-'));
    try {
      execFileSync('cp', ['-a', `${root}/.`, other]);
      const { snapshot } = await segue(other, ['build-index', 'alone']);
      await segue(other, ['publish']);
      expect(await answers(other, snapshot as string)).toEqual(await answers(root, 'alone'));
    } finally {
      rmSync(other, { recursive: true });
    }
  });
});

describe('a derived snapshot', () => {
  it('is not harmed when its parent is deleted', async () => {
    const { snapshot, parent } = await segue(root, words`build-index indexed --lists 9 --tag child`);
    const file = join(root, 'snapshots', snapshot as string, 'model/item.npy');
    expect(statSync(file).nlink).toBe(2);
    const before = await answers(root, 'child');
    // It was current once, and is tagged: first neither.
    await segue(root, ['snapshots', 'untag', 'indexed']);
    await segue(root, ['publish', 'child']);
    await segue(root, ['publish', 'alone']);
    await segue(root, ['snapshots', 'delete', parent as string]);
    expect(existsSync(join(root, 'snapshots', parent as string))).toBe(false);
    expect(statSync(file).nlink).toBe(1);
    expect(await answers(root, 'child')).toEqual(before);
    await segue(root, ['snapshots', 'verify', 'child']);
    await segue(root, ['publish', 'child']);
  });

  /** Runs build-index of `alone` and compares with one whose files are links. */
  async function expectCopies(build: (inRoot: string) => unknown): Promise<void> {
    const made = await segue(root, ['build-index', 'alone']);
    const linked = hashesBelow(join(root, 'snapshots', made['snapshot']));
    expect(statSync(join(root, 'snapshots', made['snapshot'], 'model/item.npy')).nlink).toBe(2);
    const other = join(temporaryDirectory(), 'other');
    copyGoldenRoot('v1', other);
    build(other);
    const path = join(other, 'snapshots', made['snapshot']);
    expect(hashesBelow(path)).toEqual(linked);
    expect(statSync(join(path, 'model/item.npy')).nlink).toBe(1);
    expect(statSync(join(path, 'model/item.npy')).mode & 0o777).toBe(0o444);
    await segue(other, ['publish', made['snapshot']]);
    expect(await answers(other, 'current')).toEqual(await answers(root, made['snapshot']));
  }

  function build(inRoot: string, ...wrapper: readonly string[]): void {
    const command = [...wrapper, process.execPath, binPath, 'build-index', 'alone'];
    execFileSync(command[0]!, command.slice(1), { env: cleanEnv({ SEGUE_ROOT: inRoot }), stdio: 'pipe' });
  }
  it.each(['EXDEV', 'EMLINK', 'EOPNOTSUPP', 'EPERM'])(
    'has copies, the same id and the same bytes where a hard link is refused with %s',
    { tags: ['strace'] },
    async (errno) => {
      await expectCopies((other) => {
        const log = join(temporaryDirectory(), 'log');
        const inject = `--inject=?link,?linkat:error=${errno}`;
        build(other, 'strace', '-f', '-qq', '-o', log, '--trace=?link,?linkat', inject);
        expect(readFileSync(log, 'utf8').match(/\(INJECTED\)/g)!.length).toBeGreaterThan(4);
      });
    },
  );

  it('has copies where its parent is on another mount', { tags: ['mount'] }, async () => {
    await expectCopies((other) => {
      const parent = join(other, 'snapshots', alone);
      // In a mount namespace of its own, which ends with the process.
      build(other, 'unshare', '-m', 'sh', '-c', 'mount --bind "$0" "$0" && exec "$@"', parent);
    });
  });
});
