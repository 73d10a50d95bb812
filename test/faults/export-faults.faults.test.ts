/**
 * Every system call with which an export changes the directory it writes to: killed there, failed, its disk full, its
 * write cut short. Its files are whole or not there, and the next export of the same name leaves nothing else.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '#dist/core/numeric/random.js';
import { exportVectors } from '#dist/core/tasks/export.js';
import { useCanaryHere } from '../helpers/canary-here.js';
import { changesOf, sweepFault, sweptTask, type Change, type Swept } from '../helpers/fault-sweep.js';
import { runSegue, type RunResult } from '../helpers/run-segue.js';
import { signalledAt } from '../helpers/signals.js';
import { makeSmallSnapshot } from '../helpers/small-snapshot.js';
import { idA, idB, listening } from '../helpers/snapshots.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';

useCanaryHere();

const keptDirectory = temporaryDirectories('file');
const temporaryDirectory = temporaryDirectories();

/** Exports into `out/`, beside the root of the snapshot. */
const task = sweptTask('#dist/core/tasks/export.js', exportVectors, {
  ...{ root: '{root}/root', out: '{root}/out/items.npy', snapshot: idA },
  ...{ what: 'items', kind: 'item', force: false },
});
const names = ['items.jsonl', 'items.npy'] as const;

describe('exporting', { tags: ['strace'] }, () => {
  let swept: Swept;
  let changes: Change[];
  let whole: Map<string, Buffer>;

  const exportAgain = (folder: string, force: boolean): Promise<unknown> => {
    const what = { what: 'items', kind: 'item', snapshot: idA } as const;
    const where = { root: join(folder, 'root'), out: join(folder, 'out', 'items.npy') };
    return exportVectors({ ...what, ...where, force }, listening());
  };

  beforeAll(async () => {
    const template = join(keptDirectory(), 'root');
    const items = Array.from({ length: 40 }, (_, row) => [`item-${row}`, row, row / 3] as const);
    await makeSmallSnapshot(join(template, 'root'), idA, { items });
    mkdirSync(join(template, 'out'));
    swept = { ...task, template, newDirectory: temporaryDirectory };
    const all = await changesOf({ ...swept, newDirectory: keptDirectory });
    changes = all.filter(({ path }) => path.startsWith('out'));
    expect(changes.length).toBeGreaterThan(12);
    const folder = keptDirectory();
    await makeSmallSnapshot(join(folder, 'root'), idA, { items });
    mkdirSync(join(folder, 'out'));
    await exportAgain(folder, false);
    whole = new Map(names.map((name) => [name, readFileSync(join(folder, 'out', name))]));
  });

  it('makes every byte durable before anything has its name, the ids before the vectors', () => {
    const at = (pattern: RegExp): number => changes.findIndex(({ text }) => pattern.test(text));
    const order = [
      at(/^fsync.*\.items\.npy\./),
      at(/^fsync.*\.items\.jsonl\./),
      at(/^link.*\/items\.jsonl"/),
      at(/^link.*\/items\.npy"/),
    ];
    expect(order).not.toContain(-1);
    expect(order.toSorted((a, b) => a - b)).toEqual(order);
    expect(changes.findLastIndex(({ text }) => /^fsync.*\/out>/.test(text))).toBeGreaterThan(order[3]!);
  });

  it.each(['SIGKILL', 'EIO', 'ENOSPC', 'short'] as const)(
    'leaves whole files or none after %s at any call, and the next export clears away the rest',
    async (fault) => {
      const codes = new Set<number | null>();
      // What a full disk refuses: names and bytes.
      const taking = { short: /^write/, ENOSPC: /^(openat|write|link)/, SIGKILL: /./, EIO: /./ }[fault];
      const swayed = changes.filter(({ name }) => taking.test(name));
      await sweepFault(swept, fault, swayed, async ({ name, text }, folder, run, what) => {
        const out = join(folder, 'out');
        const there = names.filter((each) => existsSync(join(out, each)));
        for (const each of there)
          expect(readFileSync(join(out, each)).equals(whole.get(each)!), what).toBe(true);
        // Where the vectors are, their ids are.
        if (there.includes('items.npy')) expect(there, what).toEqual(names);
        codes.add(run.code);
        if (fault !== 'SIGKILL') {
          expect([0, 7], what).toContain(run.code);
          if (run.code === 0) expect(there, what).toEqual(names);
          else expect(run.stderr, what).toContain(`could not write`);
          // Unless it is the removing that failed.
          if (!name.startsWith('unlink')) expect(readdirSync(out), what).toEqual(there);
        }
        // Nothing has its name before all is written and synced.
        if (/^(openat|write|fsync.*\.items\.)/.test(text)) expect(there, what).toEqual([]);
        await exportAgain(folder, there.length > 0);
        expect(readdirSync(out), what).toEqual(names);
        for (const each of names)
          expect(readFileSync(join(out, each)).equals(whole.get(each)!), what).toBe(true);
      });
      if (fault === 'EIO' || fault === 'ENOSPC') expect(codes).toContain(7);
    },
  );
});

describe('an export that is broken off', () => {
  let root: string;

  beforeAll(async () => {
    root = join(keptDirectory(), 'root');
    const random = seededRandom(5);
    const vector = (): number[] => Array.from({ length: 16 }, () => random.nextFraction());
    const items = Array.from({ length: 30_000 }, (_, row) => [`item-${row}`, ...vector()] as const);
    await makeSmallSnapshot(root, idB, { items });
  });

  const args = (out: string): string[] => ['export', '--root', root, '--snapshot', idB, '--out', out];

  /** The signal comes as soon as the file is there that becomes the export. */
  function brokenOff(out: string, signal: NodeJS.Signals): Promise<RunResult> {
    return runSegue(args(out), signalledAt({ signal, call: 'open', path: /\/\.items\.vec\.[^/]*$/ }));
  }

  it.each([
    ['SIGINT', 130, 'items.vec'],
    ['SIGTERM', 143, 'items.vec'],
  ] as const)('by %s leaves nothing: exit %i', async (signal, code, name) => {
    const folder = temporaryDirectory();
    const run = await brokenOff(join(folder, name), signal);
    expect([run.code, run.signal], run.stderr).toEqual([code, null]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('by SIGKILL leaves a hidden part, which the next export of that name removes', async () => {
    const folder = temporaryDirectory();
    const out = join(folder, 'items.vec');
    expect((await brokenOff(out, 'SIGKILL')).signal).toBe('SIGKILL');
    expect(readdirSync(folder)).toEqual([expect.stringMatching(/^\.items\.vec\.\d+\.[0-9a-f]{12}$/)]);
    expect(await runSegue(args(out))).toMatchObject({ code: 0 });
    expect(readdirSync(folder)).toEqual(['items.vec']);
  });
});
