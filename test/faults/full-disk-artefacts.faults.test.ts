/**
 * The disk is full, or a file may not grow any more, at every other file that the making commands write, before a release
 * at each: a page less than it takes, or half. The command says so and names the file, nothing of the attempt is left, and with room it succeeds.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, lstatSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { readManifest } from '#dist/core/snapshot/read-manifest.js';
import { listSnapshotIds, readCurrent } from '#dist/core/snapshot/resolve-reference.js';
import { inPairs } from '../helpers/fault-injection.js';
import { everyNth, litterIn } from '../helpers/fault-sweep.js';
import { binPath, cleanEnv, runSegue } from '../helpers/run-segue.js';
import type { RunResult } from '../helpers/run-segue.js';
import { mountTmpfs } from '../helpers/tmpfs.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';
import { words } from '../helpers/words.js';

const keptDirectory = temporaryDirectories('file');
const fillingDisk = fileURLToPath(new URL('programs/filling-disk.mjs', import.meta.url));
const pageBytes = 4096;

/** Users with about 8 items each: a thousand are enough for files of several pages. */
function writePlays(path: string, numUsers: number): void {
  let state = 1;
  const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const lines = ['user,item,plays'];
  for (let user = 0; user < numUsers; user++) {
    const items = new Set(Array.from({ length: 8 }, () => Math.floor(1200 * random() ** 2)));
    for (const item of items)
      lines.push(`listener-${user},track-number-${item},${1 + Math.floor(5 * random())}`);
  }
  writeFileSync(path, lines.join('\n'));
}

interface Written {
  readonly file: string;
  readonly bytes: number;
}

let directory: string;
/** Its only snapshot is published. */
let template: string;

const commands = {
  train: () => words`train ${join(directory, 'plays.csv')} --factors 16 --epochs 2 --threads 1 --tag new`,
  'build-index': () => ['build-index', '--threads', '1'],
  'user-vector --all': () => words`user-vector --all --events ${join(directory, 'new-plays.csv')}
    --threads 1`,
} as const;
type Command = keyof typeof commands;

const tried = Object.keys(commands) as Command[];

/** A root that the command makes its first, or its second snapshot in. */
function freshRoot(command: Command, at: string): string {
  const root = join(at, 'root');
  rmSync(root, { recursive: true, force: true });
  if (command !== 'train')
    cpSync(template, root, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  return root;
}

const found = new Map<Command, Promise<Written[]>>();

/** The files that the command writes itself, by running it where nothing goes wrong. */
function writtenBy(command: Command): Promise<Written[]> {
  const written = found.get(command) ?? findWritten(command);
  found.set(command, written);
  return written;
}

async function findWritten(command: Command): Promise<Written[]> {
  const root = freshRoot(command, keptDirectory());
  const before = existsSync(root) ? listSnapshotIds(root) : [];
  const { code, stderr } = await runSegue([...commands[command](), '--root', root]);
  expect(code, stderr).toBe(0);
  const [id = ''] = listSnapshotIds(root).filter((each) => !before.includes(each));
  const path = rootPath.snapshot(root, id);
  const names = ['manifest.json', ...Object.keys(readManifest(join(path, 'manifest.json')).files)];
  return names
    .map((file) => ({ file, stat: lstatSync(join(path, file)) }))
    .filter(({ stat }) => stat.nlink === 1)
    .map(({ file, stat }) => ({ file, bytes: stat.size }));
}

/** Nothing of the attempt is left, and what was published still is. */
function expectUntouched(command: Command, root: string, what: string): void {
  if (existsSync(root)) expect(litterIn(root), what).toEqual([]);
  const ids = command === 'train' ? [] : listSnapshotIds(template);
  expect(listSnapshotIds(root), what).toEqual(ids);
  expect(readCurrent(root), what).toBe(ids[0]);
  if (command === 'train') return;
  expect(readFileSync(rootPath.history(root)).equals(readFileSync(rootPath.history(template))), what).toBe(
    true,
  );
}

function expectRefused({ code, signal, stderr }: RunResult, file: string, why: string, what: string): void {
  expect([code, signal], `${what}: ${stderr}`).toEqual([7, null]);
  const said = stderr.replace(/\s+/g, '');
  expect(said, what).toContain(why.replaceAll(' ', ''));
  expect(said, what).toContain(file);
}

describe('a disk that others fill', { tags: ['mount'] }, () => {
  const disks: string[] = [];

  beforeAll(async () => {
    directory = keptDirectory();
    template = join(directory, 'template');
    writePlays(join(directory, 'plays.csv'), 1000);
    writePlays(join(directory, 'new-plays.csv'), 50);
    // What `train` makes is the first in its root: only others need one before.
    for (const args of [commands.train(), ['publish']]) {
      const { code, stderr } = await runSegue([...args, '--root', template]);
      expect(code, stderr).toBe(0);
    }
    for (let lane = 0; lane < 2; lane++) {
      const disk = keptDirectory();
      mountTmpfs(disk, 32 << 20);
      disks.push(disk);
    }
  });

  afterAll(() => {
    for (const disk of disks) spawnSync('umount', ['-l', disk]);
  });

  it.each(tried)('makes %s fail at the file that does not fit, and leaves nothing', async (command) => {
    const written = await writtenBy(command);
    expect(written.length).toBeGreaterThan(4);
    // A page less than it takes, and half, by turns.
    const all = written.map(({ file, bytes }, at) => {
      const pages = Math.ceil(bytes / pageBytes);
      return { file, freeBytes: pageBytes * (at % 4 < 2 ? pages - 1 : Math.floor(pages / 2)) };
    });
    const cases = everyNth(all, 2);
    await inPairs(cases, async ({ file, freeBytes }) => {
      const disk = disks.shift()!;
      const root = freshRoot(command, disk);
      const ballast = join(disk, 'ballast');
      const args = [...commands[command](), '--root', root];
      const what = `${file} with ${freeBytes} bytes free`;
      const run = await runSegue(args, {
        nodeArgs: ['--import', fillingDisk],
        env: { FILL_DISK: `${file} ${freeBytes} ${ballast}` },
      });
      expect(existsSync(ballast), what).toBe(true);
      expectRefused(run, file, 'no space is left on the device', what);
      expectUntouched(command, root, what);
      rmSync(ballast);
      if (cases.findIndex((each) => each.file === file && each.freeBytes === freeBytes) % 8 === 0) {
        const again = await runSegue(args);
        expect(again.code, `${what}: ${again.stderr}`).toBe(0);
      }
      disks.push(disk);
    });
  });

  it.each(tried)(
    'makes %s fail where its largest file may not grow so far',
    { tags: ['prlimit'] },
    async (command) => {
      const written = await writtenBy(command);
      const largest = written.reduce((a, b) => (b.bytes > a.bytes ? b : a));
      const [aPageLess, half] = [largest.bytes - pageBytes, Math.floor(largest.bytes / 2)];
      for (const limit of [aPageLess, half]) {
        const root = freshRoot(command, disks[0]!);
        const { status, signal, stderr, stdout } = spawnSync(
          'prlimit',
          [`--fsize=${limit}`, process.execPath, binPath, ...commands[command](), '--root', root],
          { encoding: 'utf8', env: cleanEnv() },
        );
        const what = `${largest.file} at ${limit} bytes`;
        // Another one of its size may be written first.
        const tooLarge = written.filter(({ bytes }) => bytes > limit).map(({ file }) => file);
        const named = tooLarge.find((file) => stderr.replace(/\s+/g, '').includes(file)) ?? largest.file;
        expectRefused(
          { code: status, signal, stderr, stdout },
          named,
          'the file would exceed the size limit',
          what,
        );
        expectUntouched(command, root, what);
      }
    },
  );
});
