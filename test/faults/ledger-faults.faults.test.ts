/**
 * A ledger on a real disk: its writers are killed, its calls fail, its disk fills up. What was acknowledged is there, and
 * whoever comes next goes on.
 */
import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '#dist/core/errors.js';
import { freeBytes } from '#dist/core/files/free-space.js';
import { openLedger } from '#dist/core/ledger/open-ledger.js';
import type { Ledger } from '#dist/core/ledger/open-ledger.js';
import { openLedgerReader } from '#dist/core/ledger/open-reader.js';
import { seededRandom } from '#dist/core/numeric/random.js';
import { changesOf, sweepFault, sweptFaults, sweptModule, sweptTask } from '../helpers/fault-sweep.js';
import type { Change, Swept } from '../helpers/fault-sweep.js';
import { entryOf } from '../helpers/ledger-entries.js';
import { listening } from '../helpers/snapshots.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';
import { mountTmpfs } from '../helpers/tmpfs.js';
import { addToLedger, compactLedger } from './programs/swept.mjs';
import { isNightly } from '../helpers/full-tests.js';

const keptDirectory = temporaryDirectories('file');
const temporaryDirectory = temporaryDirectories();
const context = listening();

async function withLedger<T>(directory: string, use: (ledger: Ledger) => Promise<T>): Promise<T> {
  const ledger = await openLedger(directory, context);
  try {
    return await use(ledger);
  } finally {
    await ledger.close();
  }
}

/** Ids of all entries that hold, by user. */
function idsIn(directory: string): Map<string, string[]> {
  const reader = openLedgerReader(directory);
  const ids = new Map<string, string[]>();
  for (const user of reader?.users() ?? [])
    ids.set(
      user,
      reader!.of(user).map(({ id }) => id),
    );
  reader?.close();
  return ids;
}

const numKills = isNightly ? 150 : 15;

it(`loses nothing that it acknowledged, and adds nothing twice, in ${numKills} kills of its writers`, async () => {
  const directory = join(temporaryDirectory(), 'feedback');
  const program = fileURLToPath(new URL('programs/ledger-writer.mjs', import.meta.url));
  const random = seededRandom(1);
  const acknowledged = new Map<string, number>();
  const next = { a: 0, b: 0 };
  let sofar = 0;
  for (let kill = 0; kill < numKills; kill++) {
    const writers = (['a', 'b'] as const).map((name) => {
      const args = [program, directory, name, String(next[name])];
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
      let text = '';
      child.stdout.on('data', (piece) => (text += String(piece)));
      const ended = new Promise((resolve) => child.once('close', resolve));
      return { name, child, ended, said: () => text };
    });
    // Each has added something new, and is in the midst of more.
    const hasAdded = (said: string): boolean => / \d+\n/.test(said);
    while (writers.some(({ said, child }) => !hasAdded(said()) && child.exitCode === null))
      await setTimeout(5);
    await setTimeout(random.nextBelow(120));
    for (const { child, ended } of writers) {
      child.kill('SIGKILL');
      await ended;
      expect(child.signalCode).toBe('SIGKILL');
    }
    for (const { name, said } of writers) {
      for (const line of said().split('\n').slice(0, -1)) {
        const [id = '', seq = ''] = line.split(' ');
        if (/^\d+$/.test(seq)) acknowledged.set(id, Number(seq));
        // What was not acknowledged is given again: with its position it is taken once.
        next[name] = Math.max(next[name], Number(id.split('-')[1]) + 1);
      }
    }
    const reader = openLedgerReader(directory)!;
    const seqs = new Map<string, number>();
    const twice: string[] = [];
    for (const user of reader.users())
      for (const { id, seq } of reader.of(user)) {
        if (seqs.has(id)) twice.push(id);
        seqs.set(id, seq);
      }
    reader.close();
    // Of all that was added so far, after every kill: one `expect` for each entry would take most of the time.
    const lost = [...acknowledged].filter(([id, seq]) => seqs.get(id) !== seq).map(([id]) => id);
    expect({ twice, lost }, `after kill ${kill}`).toEqual({ twice: [], lost: [] });
    expect(acknowledged.size).toBeGreaterThan(sofar);
    sofar = acknowledged.size;
  }
  const verified = await withLedger(directory, (ledger) => ledger.verify(context));
  expect(verified.watermark).toBeGreaterThanOrEqual(sofar);
});

describe.each([
  { name: 'an add', task: sweptTask(sweptModule, addToLedger, {}), adds: true },
  { name: 'a compaction', task: sweptTask(sweptModule, compactLedger, {}), adds: false },
])('$name', { tags: ['strace'] }, ({ task, adds }) => {
  let swept: Swept;
  let changes: Change[];

  beforeAll(async () => {
    const template = join(keptDirectory(), 'root');
    await withLedger(join(template, 'feedback'), async (ledger) => {
      await ledger.add([entryOf('u', 'x'), entryOf('v', 'x')]);
      await ledger.compact(context);
      await ledger.add([entryOf('u', 'y')]);
    });
    swept = { ...task, template, newDirectory: temporaryDirectory };
    changes = await changesOf({ ...swept, newDirectory: keptDirectory });
  });

  it.each([...sweptFaults, 'short'] as const)('is done or not done with %s at any call', async (fault) => {
    // What is noted in a lock's file only words a message: it may fail.
    const isNote = ({ path, name }: Change): boolean => path.includes('lock-') && name !== 'openat';
    const some = fault === 'short' ? changes.filter(({ name }) => name === 'pwrite64') : changes;
    await sweepFault(swept, fault, some, async (change, root, run, what) => {
      const directory = join(root, 'feedback');
      if (fault === 'SIGKILL') expect(run.code, what).toBeNull();
      else expect([0, 7], what).toContain(run.code);
      // What others wrote is written again: that a call took less of that is no harm.
      if (run.code === 0 && fault !== 'short' && !isNote(change))
        expect(change.text, what).toMatch(/EEXIST|EPERM|fchmod/);
      const ids = idsIn(directory);
      expect(ids.get('v'), what).toEqual(['v/x/play/1']);
      const wanted = ['u/x/play/1', 'u/y/play/1'];
      expect(ids.get('u')?.slice(0, 2), what).toEqual(wanted);
      if (run.code === 0 && adds) expect(ids.get('u'), what).toHaveLength(3);
      await (adds ? addToLedger : compactLedger)({ root }, context);
      if (adds) await compactLedger({ root }, context);
      expect(idsIn(directory).get('u'), what).toEqual(adds ? [...wanted, 'u/z/play/1'] : wanted);
      const verified = await withLedger(directory, (ledger) => ledger.verify(context));
      expect(verified.leftOver, what).toEqual([]);
    });
  });
});

describe('a disk of 4 MiB', { tags: ['mount'] }, () => {
  let disk: string;

  beforeEach(() => {
    disk = temporaryDirectory();
    mountTmpfs(disk, 4 << 20);
  });

  afterEach(() => spawnSync('umount', ['-l', disk]));

  const fillBut = (bytes: number): void => {
    writeFileSync(join(disk, 'ballast'), Buffer.alloc(Math.max(0, freeBytes(disk) - bytes)));
  };
  const unfill = (): void => {
    writeFileSync(join(disk, 'ballast'), '');
  };

  it('says disk full, keeps what was acknowledged, and goes on when there is room', async () => {
    const directory = join(disk, 'feedback');
    await withLedger(directory, async (ledger) => {
      let numKept = 0;
      const add = async (): Promise<boolean> => {
        const entries = Array.from({ length: 40 }, (_, at) =>
          entryOf('u', 'x'.repeat(200), { id: `${numKept + at}` }),
        );
        const error: unknown = await ledger.add(entries).then(
          () => undefined,
          (reason: unknown) => reason,
        );
        if (error === undefined) numKept += entries.length;
        else expect(error).toMatchObject({ code: 'disk-full', exitCode: 7 });
        expect(error === undefined || error instanceof AppError).toBe(true);
        return error === undefined;
      };
      await add();
      for (const free of [0, 4096, 8192, 16384]) {
        fillBut(free);
        let worked = 0;
        while (await add()) worked += 1;
        expect(worked).toBeLessThan(4);
        await expect(ledger.compact(context)).rejects.toMatchObject({ code: 'disk-full' });
        const reader = openLedgerReader(directory)!;
        expect(reader.of('u')).toHaveLength(numKept);
        reader.close();
        unfill();
        expect(await add()).toBe(true);
        if (free === 8192) await ledger.compact(context);
      }
      await ledger.compact(context);
      expect(ledger.reader.of('u')).toHaveLength(numKept);
      expect((await ledger.verify(context)).leftOver).toEqual([]);
    });
  });
});
