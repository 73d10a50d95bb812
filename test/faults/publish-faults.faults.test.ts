/**
 * Every system call with which publishing, and rolling back, changes the disk: killed there, failed, its disk full, its
 * write cut short. What is current is the old snapshot or the new one, whole, the exit code says which, and the same
 * command again succeeds.
 */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundleOf } from '#dist/core/snapshot/bundle.js';
import { readHistory } from '#dist/core/snapshot/publication-log.js';
import { readCurrent } from '#dist/core/snapshot/resolve-reference.js';
import { cleanDrafts } from '#dist/core/snapshot/writing/draft-lock.js';
import { lockForPublishing } from '#dist/core/publishing/swap-current.js';
import { publish } from '#dist/core/tasks/publish.js';
import { rollback } from '#dist/core/tasks/rollback.js';
import { traceCalls } from '../helpers/fault-injection.js';
import type { InjectedRun, TracedCall } from '../helpers/fault-injection.js';
import {
  changesOf,
  copyRoot,
  litterIn,
  predictably,
  sweepFault,
  sweptFaults,
  sweptTask,
} from '../helpers/fault-sweep.js';
import type { Change, Swept } from '../helpers/fault-sweep.js';
import { binPath } from '../helpers/run-segue.js';
import { idA, idB, isThere, listening, makeSnapshot } from '../helpers/snapshots.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';

const keptDirectory = temporaryDirectories('file');
const temporaryDirectory = temporaryDirectories();

const publishB = sweptTask(
  '#dist/core/tasks/publish.js',
  publish,
  { snapshot: idB, require: [], dryRun: false },
  { canary: true },
);

/** A bundle, whose id says what is in it. */
const bundle = bundleOf([
  { as: 'discover', snapshot: idA },
  { as: 'radio', snapshot: idB },
]).id;

const publishBoth = sweptTask(
  '#dist/core/tasks/publish.js',
  publish,
  { members: { discover: idA, radio: idB }, require: [], dryRun: false },
  { canary: true },
);

const takeBack = sweptTask('#dist/core/tasks/rollback.js', rollback, { dryRun: false });

function publishIn(root: string, id: string): Promise<unknown> {
  const what = id === bundle ? { members: { discover: idA, radio: idB } } : { snapshot: id };
  return publish({ root, ...what, require: [], dryRun: false }, listening());
}

/** What was made durable, announced and swapped, in order; stamps left out. */
function stepsOf(all: readonly TracedCall[]): string[] {
  const path = (text: string): string => /^fsync\(\d+<(?:[^>]*\/root)?([^>]*)>/.exec(text)?.[1] ?? '';
  return all
    .map(({ name, text }) => {
      if (name === 'fsync') return `fsync ${path(text)}`;
      if (name.startsWith('rename') && text.includes('/current"')) return 'swap';
      return /phase\\":\\"(\w+)/.exec(text)?.[1] ?? '';
    })
    .filter((step) => step !== '' && !step.includes('stamps'));
}

/** What is done to them after the swap only gives them back. */
const isLock = /^lock\/(publish|draft-\w+)$/;

describe.each([
  { name: 'publishing', task: publishB, command: ['publish', idB], published: [idA], from: idA, to: idB },
  { name: 'rolling back', task: takeBack, command: ['rollback'], published: [idA, idB], from: idB, to: idA },
  {
    name: 'publishing a bundle',
    task: publishBoth,
    command: ['publish', `discover=${idA}`, `radio=${idB}`],
    published: [idA],
    from: idA,
    to: bundle,
  },
])('$name', { tags: ['strace'] }, ({ task, command, published, from, to }) => {
  let swept: Swept;
  let changes: Change[];

  beforeAll(async () => {
    const template = join(keptDirectory(), 'root');
    await makeSnapshot(template, idA);
    await makeSnapshot(template, idB, { value: 2 });
    for (const id of published) await publishIn(template, id);
    swept = { ...task, template, newDirectory: temporaryDirectory };
    changes = await changesOf({ ...swept, newDirectory: keptDirectory });
    expect(changes.length).toBeGreaterThan(20);
  });

  /** Whether a call comes after the rename that makes the other one current. */
  const isAfterSwap = (change: Change): boolean =>
    changes.indexOf(change) > changes.findIndex(({ text }) => /^rename.*\/current"/.test(text));

  /** What is left of the making of a bundle is taken away by the next maker, as of any snapshot. */
  function expectTidy(root: string, what: string): void {
    if (to === bundle) cleanDrafts(root);
    expect(litterIn(root), what).toEqual([]);
  }

  /** What must hold whatever happened: a whole snapshot is current, and the next publisher puts the rest in order. */
  async function expectWhole(root: string, again: boolean, what: string): Promise<void> {
    const current = readCurrent(root)!;
    for (const id of [idA, idB]) expect(await isThere(root, id), what).toBe(true);
    if (again) {
      await publishIn(root, to);
      expect(readCurrent(root), what).toBe(to);
    } else {
      lockForPublishing(root).release();
      expect(readCurrent(root), what).toBe(current);
    }
    expectTidy(root, what);
    const phases = readHistory(root).map(({ seq, phase }) => `${seq} ${phase}`);
    expect(
      phases.filter((phase) => phase.endsWith('intent')),
      what,
    ).toHaveLength(phases.length / 2);
  }

  /** The exit code says what is current: 7 for the old one; 6 or 0 for the new one, 6 where it may not last. */
  function expectTruth(change: Change, root: string, { code, stderr }: InjectedRun, what: string): void {
    expect([0, 6, 7], what).toContain(code);
    expect(readCurrent(root), what).toBe(code === 7 ? from : to);
    // Giving the lock back takes the note away.
    expect(code === 6, what).toBe(isAfterSwap(change) && !isLock.test(change.path));
    if (code === 6) expect(stderr).toContain(`${to} is current now, but the disk did not confirm it`);
    // A stamp that is not there costs the next reader its time, a note of who holds the lock only words a message.
    if (code === 0 && !change.text.includes('EEXIST'))
      expect(change.path, what).toMatch(/^stamps|^lock\/(publish|draft-\w+)$/);
  }

  it('makes everything durable in order: the snapshot, the intent, the swap, the outcome', async () => {
    const steps = stepsOf(await traceCalls(task.program, [copyRoot(swept)]));
    const swap = steps.indexOf('swap');
    expect(steps.slice(swap - 2)).toEqual([
      'intent',
      'fsync /history.jsonl',
      'swap',
      'fsync ',
      'commit',
      'fsync /history.jsonl',
    ]);
    const wanted = (to === bundle ? [idA, idB] : [to]).flatMap((id) => {
      const snapshot = `fsync /snapshots/${id}`;
      return [
        ...[`${snapshot}/manifest.json`, `${snapshot}/model/item.npy`, `${snapshot}/model/eigenvalues.npy`],
        ...[`${snapshot}/model`, snapshot, 'fsync /snapshots'],
      ];
    });
    const made = to === bundle ? ['/manifest.json', ''].map((name) => `fsync /snapshots/.tmp${name}`) : [];
    const visible = to === bundle ? ['fsync /snapshots'] : [];
    const before = steps.slice(0, swap - 2).map((step) => step.replace(/\.tmp-\w+/, '.tmp'));
    expect(before.toSorted()).toEqual([...wanted, ...made, ...visible].toSorted());
  });

  it.each(sweptFaults)('is done or not done, and says so, with %s at any call', async (fault) => {
    const codes = new Set<number | null>();
    await sweepFault(swept, fault, changes, async (change, root, run, what) => {
      if (fault !== 'SIGKILL') expectTruth(change, root, run, what);
      else expect(readCurrent(root) === to || !isAfterSwap(change), what).toBe(true);
      if (run.code === 7) expectTidy(root, what);
      codes.add(run.code);
      await expectWhole(root, changes.indexOf(change) % 4 === 0, what);
    });
    expect(codes).toEqual(fault === 'SIGKILL' ? new Set([null]) : new Set([0, 6, 7]));
  });

  it('notices a write of the history that did not arrive', async () => {
    const writes = changes.filter(({ name, path }) => name === 'write' && path === 'history.jsonl');
    expect(writes).toHaveLength(2);
    await sweepFault(swept, 'short', writes, async (change, root, run, what) => {
      expectTruth(change, root, run, what);
      await expectWhole(root, true, what);
    });
  });

  it('ends with exit code 6 where the last fsyncs fail, and publishing it again makes it last', async () => {
    const { template, newDirectory } = swept;
    const program = [...predictably, binPath, ...command, '--root'];
    const ofCommand = { program, template, newDirectory };
    const fsyncs = (await changesOf(ofCommand)).filter(({ name }) => name === 'fsync').slice(-2);
    expect(fsyncs.map(({ path }) => path)).toEqual(['', 'history.jsonl']);
    await sweepFault(ofCommand, 'EIO', fsyncs, async (change, root, run, what) => {
      expect(run.code, what).toBe(6);
      expect(run.stderr.replace(/\s+/g, ' ')).toContain(
        `${to} is current now, but the disk did not confirm it (EIO): after a power cut it may be ${from} again`,
      );
      expect(run.stderr).toContain('publish it again');
      const again = stepsOf(await traceCalls([binPath, 'publish', to, '--root'], [root]));
      // The rename is made once more, since an fsync that failed cannot be; where only the line that states it may be
      // lost, the next publisher after a power cut writes it.
      const repair = ['swap', 'fsync ', 'commit', 'fsync /history.jsonl'];
      expect(again, what).toEqual(change.path === '' ? repair : []);
      expect(readCurrent(root)).toBe(to);
      expect(readHistory(root).at(-1)).toMatchObject({ phase: 'commit', to });
    });
  });
});
