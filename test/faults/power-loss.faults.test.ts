/**
 * The power goes off at a random moment while snapshots are made, published, rolled back, tagged and collected. What is found
 * after it: every snapshot whole, everything that was said to be done there, and a root in which work goes on.
 *
 * 45 cuts; SEGUE_FAULTS=release makes it 1,000.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openCheckpoints } from '#dist/core/checkpoints/checkpoints.js';
import { readHistory } from '#dist/core/snapshot/publication-log.js';
import { rootPath, uncheckedId } from '#dist/core/snapshot/layout.js';
import { removeUnchecked } from '#dist/core/snapshot/writing/unchecked.js';
import { listSnapshotIds, readCurrent, resolveReference } from '#dist/core/snapshot/resolve-reference.js';
import { lockForPublishing } from '#dist/core/publishing/swap-current.js';
import { beginSnapshot } from '#dist/core/snapshot/writing/write-snapshot.js';
import { publish } from '#dist/core/tasks/publish.js';
import { litterIn } from '../helpers/fault-sweep.js';
import { disksHere, makeDisk } from '../helpers/loop-disk.js';
import type { DiskKind, LoopDisk } from '../helpers/loop-disk.js';
import { untilStopped } from '../helpers/signals.js';
import { contentOf, idA, isThere, listening } from '../helpers/snapshots.js';
import { isNightly } from '../helpers/full-tests.js';

const numCuts = isNightly ? 1000 : 45;
/** After so many a new disk is taken: the same one would fill up. */
const cutsPerDisk = 10;
const training = 'f'.repeat(16);
const { kinds, missing } = await disksHere();
const worker = fileURLToPath(new URL('programs/power-loss-worker.mjs', import.meta.url));

/** Which fsyncs the worker really makes. */
type Synced = 'all' | 'files' | 'directories' | 'none';

/**
 * What the worker had told before the power was cut: the changes that it had done, and those that it was about to make,
 * or made after that. What it tells later proves nothing: xfs lets the fsync of a directory succeed after the cut.
 */
interface Told {
  readonly done: readonly string[];
  readonly perhaps: readonly string[];
  readonly underWay: boolean;
}

/** When the power goes off: after so many changes, and then at an fsync in the middle of the next, or some ms later. */
interface Moment {
  readonly afterChanges: number;
  readonly atFsync?: number;
  readonly afterMs?: number;
}

/** Lets the worker run, and cuts the power. (After a time alone a slow machine would have done nothing.) */
async function workUntilPowerIsCut(
  disk: LoopDisk,
  synced: Synced,
  { afterChanges, atFsync = 0, afterMs = 0 }: Moment,
): Promise<Told> {
  const child = spawn(
    process.execPath,
    [
      ...[worker, join(disk.path, 'root'), synced, JSON.stringify(contentOf(idA))],
      ...[afterChanges, atFsync].map(String),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', (text) => (texts[name] += String(text)));
  const closed = once(child, 'close');
  let numTold: number;
  try {
    // The first line comes before the first change, and each change has two.
    while (texts.stdout.split('\n').length <= 1 + 2 * afterChanges) {
      await Promise.race([once(child.stdout, 'data'), closed]);
      if (child.exitCode !== null) throw new Error(`it ended with the power on: ${texts.stderr}`);
    }
    await (atFsync > 0 ? untilStopped(child) : sleep(afterMs));
    if (child.exitCode !== null) throw new Error(`it ended with the power on: ${texts.stderr}`);
    // Once more around the event loop, so that what is in the pipe has been read.
    await new Promise((resolve) => setImmediate(resolve));
    numTold = texts.stdout.length;
    disk.cutPower();
  } finally {
    child.kill('SIGKILL');
    await closed;
  }
  const saying = (word: string, text: string): string[] =>
    text.split('\n').flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1)] : []));
  const told = texts.stdout.slice(0, numTold);
  const done = saying('done', told);
  return {
    done,
    perhaps: saying('about', texts.stdout).slice(done.length),
    underWay: saying('about', told).length > done.length,
  };
}

/** What a root must hold: the sum of all that was said to be done. */
interface Expected {
  readonly made: ReadonlySet<string>;
  readonly current: string | undefined;
  readonly tag: string | undefined;
  readonly epoch: number;
}

const nothing: Expected = { made: new Set(), current: undefined, tag: undefined, epoch: 0 };

function after(expected: Expected, changes: readonly string[]): Expected {
  let { made, current, tag, epoch } = expected;
  for (const change of changes) {
    const [what, id = ''] = change.split(' ');
    if (what === 'make') made = new Set([...made, id]);
    if (what === 'publish') current = id;
    if (what === 'collect') made = new Set([...made].filter((each) => !id.includes(each)));
    if (what === 'tag') tag = id;
    if (what === 'checkpoint') epoch = Number(id);
  }
  return { made, current, tag, epoch };
}

/** What the root holds; a snapshot that is not whole is an error. */
async function found(root: string): Promise<Expected> {
  const made = new Set<string>();
  for (const id of listSnapshotIds(root)) if (await isThere(root, id)) made.add(id);
  const current = readCurrent(root);
  if (current !== undefined && !made.has(current))
    throw new Error(`current names ${current}, which is not there`);
  const tag = existsSync(rootPath.tag(root, 'good')) ? resolveReference(root, 'good') : undefined;
  return { made, current, tag, epoch: await epochOf(root) };
}

async function epochOf(root: string): Promise<number> {
  if (!existsSync(rootPath.checkpoints(root, training))) return 0;
  const context = listening();
  const checkpoints = await openCheckpoints(root, training, context);
  const epoch = checkpoints?.found?.epoch ?? 0;
  checkpoints?.close();
  const [warning] = context.told.filter(({ kind }) => kind === 'warning');
  if (warning !== undefined) throw new Error(JSON.stringify(warning));
  return epoch;
}

/** Throws where anything that was done is lost, or anything is there in part. Returns what is there. */
async function check(root: string, before: Expected, told: Told): Promise<Expected> {
  const sure = after(before, told.done);
  const perhaps = told.perhaps.map((_, last) => after(sure, told.perhaps.slice(0, last + 1)));
  const there = await found(root);
  const states = [sure, ...perhaps];
  for (const id of new Set([...there.made, ...states.flatMap(({ made }) => [...made])])) {
    expect(
      states.map(({ made }) => made.has(id)),
      `${id} is there or not`,
    ).toContain(there.made.has(id));
  }
  for (const what of ['current', 'tag', 'epoch'] as const) {
    expect(
      states.map((each) => each[what]),
      `${what} after ${told.done.slice(-3).join(', ')}`,
    ).toContain(there[what]);
  }
  checkHistory(root, there.current);
  return there;
}

/** Every line but one that the cut left unfinished parses, and the last change that happened leads to what is current. */
function checkHistory(root: string, current: string | undefined): void {
  if (!existsSync(rootPath.history(root))) {
    expect(current).toBeUndefined();
    return;
  }
  const lines = readFileSync(rootPath.history(root), 'utf8').split('\n').slice(0, -1);
  // A line whose sum is wrong is not read.
  const unsummed = (line: string): unknown => ({ ...(JSON.parse(line) as object), sum: undefined });
  expect(readHistory(root)).toEqual(lines.map(unsummed));
}

/** The next publisher and the next maker find everything in order, or put it so. */
async function goOn(root: string, there: Expected, publishes: boolean): Promise<void> {
  lockForPublishing(root).release();
  expect(readCurrent(root)).toBe(there.current);
  beginSnapshot(root, { estimatedBytes: 1 }, listening()).abandon();
  // One that was complete waits for its check; the worker never makes the same again.
  const kept = litterIn(root).filter((name) => uncheckedId(name) !== undefined);
  removeUnchecked(root, { olderThanMs: 0, nowMs: Infinity, dryRun: false }, listening());
  expect(kept.length).toBeLessThanOrEqual(1);
  expect(litterIn(root)).toEqual([]);
  const phases = readHistory(root).map(({ phase }) => phase);
  expect(phases.filter((phase) => phase === 'intent')).toHaveLength(phases.length / 2);
  if (there.current === undefined) return;
  const last = readHistory(root).findLast(({ phase }) => phase === 'commit');
  expect(last?.to).toBe(there.current);
  if (publishes) await publish({ root, snapshot: there.current, require: [], dryRun: false }, listening());
}

interface Sum {
  cuts: number;
  done: number;
  published: number;
  underWay: number;
}

/** So many cuts, one after the other, each on what the one before left. */
async function cutOften(kind: DiskKind, times: number, sum: Sum): Promise<void> {
  for (let cut = 0; cut < times;) {
    const disk = makeDisk(kind);
    const root = join(disk.path, 'root');
    try {
      let there = nothing;
      for (let onThis = 0; onThis < cutsPerDisk && cut < times; onThis++, cut++) {
        // Every other one is surely in the middle of a change; some hit the first things that a process does after a cut.
        const afterChanges = cut % 4 === 3 ? cut % 3 : 2 + ((cut * 7) % 17);
        const when = cut % 2 === 0 ? { atFsync: 1 + ((cut / 2) % 3) } : { afterMs: Math.random() * 15 };
        const told = await workUntilPowerIsCut(disk, 'all', { afterChanges, ...when });
        await disk.remount();
        there = await check(root, there, told).catch((reason: unknown) => {
          throw new Error(`${kind.name}: ${String(reason)}`, { cause: reason });
        });
        if (existsSync(root)) await goOn(root, there, onThis % 5 === 0);
        sum.cuts++;
        sum.done += told.done.length;
        sum.published += told.done.filter((what) => what.startsWith('publish')).length;
        sum.underWay += Number(told.underWay);
      }
    } finally {
      await disk.remove();
    }
  }
}

it('has every file system to happen to', { tags: ['xfs'] }, () => expect(missing).toEqual([]));

describe('a power cut', { tags: ['ext4'] }, () => {
  it(
    `breaks nothing and loses nothing that was done, ${String(numCuts)} times out of ${String(numCuts)}`,
    async () => {
      const sum: Sum = { cuts: 0, done: 0, published: 0, underWay: 0 };
      const each = Math.ceil(numCuts / kinds.length);
      await Promise.all(kinds.map((kind) => cutOften(kind, each, sum)));
      process.stderr.write(
        `power cut ${String(sum.cuts)} times (${kinds.map(({ name }) => name).join(', ')}): of ${String(sum.done)} changes ` +
          `that were done, ${String(sum.published)} of them of what is current, none was lost; ${String(sum.underWay)} were under way\n`,
      );
      expect(sum.cuts).toBeGreaterThanOrEqual(numCuts);
      // Most trials did some work, and as many cuts were in the middle of something.
      expect(sum.published).toBeGreaterThanOrEqual(numCuts / 2);
      expect(sum.underWay).toBeGreaterThanOrEqual(numCuts / 2);
    },
    numCuts * 20_000,
  );

  it.each<[Synced, string]>([
    ['directories', 'without the fsyncs of files'],
    ['none', 'without any fsync'],
  ])('would be noticed (%s): %s it loses or breaks what was done', async (synced) => {
    for (const kind of kinds) {
      const disk = makeDisk(kind);
      try {
        const told = await workUntilPowerIsCut(disk, synced, { afterChanges: 10 });
        await disk.remount();
        await expect(check(join(disk.path, 'root'), nothing, told), kind.name).rejects.toThrow();
      } finally {
        await disk.remove();
      }
    }
  });
});
