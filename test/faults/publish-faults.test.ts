/**
 * Every system call with which publishing changes the disk: killed there, its fsync failed, its disk full. What is
 * current is the old snapshot or the new one, whole, and publishing again succeeds.
 */
import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readHistory } from '#dist/core/snapshot/history.js';
import { readCurrent } from '#dist/core/snapshot/resolve-reference.js';
import { lockForPublishing } from '#dist/core/snapshot/swap-current.js';
import { publish } from '#dist/core/tasks/publish.js';
import { inPairs, runWithFault, skipLoudly, straceIsHere, traceCalls } from '../helpers/fault-injection.js';
import type { Fault, TracedCall } from '../helpers/fault-injection.js';
import { idA, idB, isThere, listening, makeSnapshot } from '../helpers/snapshots.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';

const keptDirectory = temporaryDirectories('file');
const temporaryDirectory = temporaryDirectories();

const program = `
  import { publish } from '#dist/core/tasks/publish.js';
  const context = { signal: new AbortController().signal, onProgress: () => undefined };
  try {
    await publish({ root: process.argv[1], snapshot: '${idB}', require: [], dryRun: false }, context);
  } catch (error) {
    process.stderr.write(error.message);
    process.exitCode = error.exitCode ?? 70;
  }`;

/** A root in which A is current and B is about to be. */
let template: string;

function freshRoot(): string {
  const root = join(temporaryDirectory(), 'root');
  cpSync(template, root, { recursive: true, verbatimSymlinks: true });
  return root;
}

function publishIn(root: string, snapshot: string): Promise<unknown> {
  return publish({ root, snapshot, require: [], dryRun: false }, listening());
}

/** What must hold whatever happened: a whole snapshot is current, and the next publisher puts the rest in order. */
async function expectWhole(root: string, again: boolean): Promise<void> {
  const current = readCurrent(root)!;
  expect([idA, idB]).toContain(current);
  expect(await isThere(root, current)).toBe(true);
  if (again) {
    await publishIn(root, idB);
    expect(readCurrent(root)).toBe(idB);
  } else {
    lockForPublishing(root).release();
    expect(readCurrent(root)).toBe(current);
  }
  expect(readdirSync(root).filter((name) => name.startsWith('.'))).toEqual([]);
  const phases = readHistory(root).map(({ seq, phase }) => `${seq} ${phase}`);
  expect(phases.filter((phase) => phase.endsWith('intent'))).toHaveLength(phases.length / 2);
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

describe.runIf(straceIsHere)('publishing', () => {
  let calls: TracedCall[];
  let steps: string[];

  beforeAll(async () => {
    template = join(keptDirectory(), 'root');
    await makeSnapshot(template, idA);
    await makeSnapshot(template, idB, { value: 2 });
    await publishIn(template, idA);
    const root = join(keptDirectory(), 'root');
    cpSync(template, root, { recursive: true, verbatimSymlinks: true });
    const all = await traceCalls(program, [root]);
    steps = stepsOf(all);
    calls = all.filter(({ name }) => !name.includes('write'));
  });

  /** Whether a call comes after the rename that makes B current. */
  const isAfterSwap = (call: TracedCall): boolean =>
    calls.indexOf(call) > calls.findIndex(({ text }) => /^rename.*\/current"/.test(text));

  async function sweep(
    fault: Fault,
    at: readonly TracedCall[],
    check: (call: TracedCall, root: string, code: number | null) => void,
  ): Promise<void> {
    expect(at.length).toBeGreaterThan(2);
    await inPairs(at, async (call) => {
      const root = freshRoot();
      const run = await runWithFault(program, [root], call, fault);
      expect(run.fired, `${fault} at ${call.text}`).toBe(true);
      check(call, root, run.code);
      await expectWhole(root, at.indexOf(call) % 4 === 0);
    });
  }

  /** The exit code says what is current: 7 for the old one; 6 or 0 for the new one, 6 where it may not last. */
  async function expectCodes(fault: Fault, at: readonly TracedCall[]): Promise<string[]> {
    const succeeded: string[] = [];
    await sweep(fault, at, (call, root, code) => {
      expect([0, 6, 7], call.text).toContain(code);
      expect(readCurrent(root), call.text).toBe(code === 7 ? idA : idB);
      expect(code === 6, call.text).toBe(isAfterSwap(call));
      if (code === 7) expect(readdirSync(root).filter((name) => name.startsWith('.current'))).toEqual([]);
      if (code === 0) succeeded.push(call.text);
    });
    return succeeded;
  }

  it('makes everything durable in order: the snapshot, the intent, the swap, the outcome', () => {
    const swap = steps.indexOf('swap');
    const snapshot = `fsync /snapshots/${idB}`;
    expect(steps.slice(swap - 2)).toEqual([
      'intent',
      'fsync /history.jsonl',
      'swap',
      'fsync ',
      'commit',
      'fsync /history.jsonl',
    ]);
    expect(steps.slice(0, swap - 2).toSorted()).toEqual(
      [
        ...[`${snapshot}/manifest.json`, `${snapshot}/model/item.npy`, `${snapshot}/model/eigenvalues.npy`],
        ...[`${snapshot}/model`, snapshot, 'fsync /snapshots'],
      ].toSorted(),
    );
  });

  it('survives a kill at every call: old before the rename, new after it', async () => {
    await sweep('SIGKILL', calls, (call, root) => {
      expect(readCurrent(root) === idB || !isAfterSwap(call), call.text).toBe(true);
    });
  });

  it('fails where any fsync fails, but for that of a stamp; after the rename durability is unknown', async () => {
    const fsyncs = calls.filter(({ name }) => name === 'fsync');
    expect(fsyncs.filter(isAfterSwap)).toHaveLength(2);
    expect(await expectCodes('EIO', fsyncs)).toHaveLength(2);
  });

  it('changes nothing where the disk is full, but for a stamp that is not written', async () => {
    const growing = calls.filter(
      ({ name, text }) => /^(mkdir|symlink|rename)/.test(name) && !text.includes('EEXIST'),
    );
    for (const text of await expectCodes('ENOSPC', growing)) expect(text).toContain('/stamps');
  });

  it.each<[string, number, number, string]>([
    ['intent', 1, 7, idA],
    ['outcome', 2, 6, idB],
  ])('says what is current where the disk is full for the %s', async (_what, nth, code, current) => {
    const root = freshRoot();
    const write = { name: 'write', nth, text: 'write to the history' };
    const run = await runWithFault(program, [root], write, 'ENOSPC', join(root, 'history.jsonl'));
    expect(run.fired).toBe(true);
    expect(run.code, run.stderr).toBe(code);
    expect(readCurrent(root)).toBe(current);
    await expectWhole(root, true);
  });
});

if (!straceIsHere) skipLoudly('the fault sweep over publishing', 'strace is missing or may not trace');
