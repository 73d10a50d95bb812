/**
 * One fault after the other, at every call by which work changes what is below a root.
 *
 * A test file meets them all in its own process, where a failed call is an exception and a kill is that nothing changes
 * any more (a full disk at every third call); and some of them in processes that the kernel makes fail, or kills. The
 * `.long.test.ts` beside it meets the others, in processes too.
 */
import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { TaskContext } from '#dist/core/contracts.js';
import { AppError } from '#dist/core/errors.js';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { runInProcess, withoutCanary } from './calls-in-process.js';
import { inPairs, runWithFault, traceChanges } from './fault-injection.js';
import type { Fault, InjectedRun, Program, TracedChange } from './fault-injection.js';
import { isFullTest } from './full-tests.js';
import { listening } from './snapshots.js';

export type Change = TracedChange;

/** A program that takes the root as its first argument, and gives its files the same names in every run. */
export interface Swept {
  readonly program: Program;
  /** The same in this process. */
  readonly run?: (root: string) => Promise<unknown>;
  /** What it works on; each run gets a copy. */
  readonly template: string;
  /** A fresh directory. */
  readonly newDirectory: () => string;
}

export const sweptFaults = ['SIGKILL', 'EIO', 'ENOSPC'] as const;

/** In a test that is not long, so many of the faults of a kind happen to a process, at another call for each kind. */
const numInProcesses = 1;

const preload = (name: string): string[] => [
  '--import',
  fileURLToPath(new URL(`../faults/programs/${name}.mjs`, import.meta.url)),
];

/** For node: gives files the same names in every run. */
export const predictably = preload('predictable-names');

/** Where work is that is no task of the library. */
export const sweptModule = fileURLToPath(new URL('../faults/programs/swept.mjs', import.meta.url));

/** For node: no canary is sent. A process of its own takes longer than all that a small snapshot takes else. */
export const quietly = preload('quiet-canary');

type Task = (options: never, context: TaskContext) => unknown;

/**
 * A task of the library, or another function with its signature, to be swept: in a process, and in this one. `module` is
 * where it is imported from; in the options `{root}` stands for the root, which is their `root` unless they say
 * something else. Without `canary` a process sends none; this one never does.
 */
export function sweptTask(
  module: string,
  task: Task,
  options: object,
  more: { readonly canary?: boolean } = {},
): Pick<Swept, 'program' | 'run'> {
  const text = JSON.stringify({ root: '{root}', ...options });
  const optionsIn = (root: string): never => JSON.parse(text.replaceAll('{root}', root)) as never;
  const program = `
    import { ${task.name} } from '${module}';
    const context = { signal: new AbortController().signal, onProgress: () => undefined };
    const options = JSON.parse(${JSON.stringify(text)}.replaceAll('{root}', process.argv[1]));
    try {
      await ${task.name}(options, context);
    } catch (error) {
      process.stderr.write(error.message);
      process.exitCode = error.exitCode ?? 70;
    }`;
  return {
    program: [...predictably, ...(more.canary === true ? [] : quietly), '--input-type=module', '-e', program],
    run: (root) => Promise.resolve().then(() => task(optionsIn(root), listening())),
  };
}

/** With the same times: the stamps of a template do not hold in its copies, but those of a copy do. */
export function copyRoot({ template, newDirectory }: Pick<Swept, 'template' | 'newDirectory'>): string {
  const root = join(newDirectory(), 'root');
  cpSync(template, root, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  return root;
}

/** What the program changes when nothing goes wrong. */
export async function changesOf(swept: Swept): Promise<Change[]> {
  const root = copyRoot(swept);
  return traceChanges(swept.program, [root], root);
}

/** Throws where a fault did not happen; else `check` says what must hold. */
export async function sweepFault(
  swept: Swept,
  fault: Fault,
  changes: readonly Change[],
  check: (change: Change, root: string, run: InjectedRun, what: string) => Promise<void>,
): Promise<void> {
  expect(changes.length).toBeGreaterThan(0);
  const checkRun = async (change: Change, root: string, run: InjectedRun): Promise<void> => {
    const what = `${fault} at ${change.text}: ${run.stderr}`;
    expect(run.fired, what).toBe(true);
    await check(change, root, run, what);
  };
  const sweepProcesses = async (some: readonly Change[]): Promise<void> =>
    inPairs(some, async (change) => {
      const root = copyRoot(swept);
      const path = join(root, change.path);
      await checkRun(change, root, await runWithFault(swept.program, [root], change, fault, path));
    });
  const { run } = swept;
  if (run === undefined) {
    await sweepProcesses(changes);
    return;
  }
  const isMetHere = await callsOf(swept, run);
  const inNative = changes.filter((change) => !isMetHere(change));
  // Removing a directory is one call of Node, and many of the kernel.
  expect(inNative.length).toBeLessThan(changes.length / 2);
  // So that each of some calls meets one of the faults.
  const forFault = (some: readonly Change[]): Change[] =>
    everyNth(some, sweptFaults.length, [...sweptFaults, 'short'].indexOf(fault));
  const some = isFullTest()
    ? [...forFault(changes), ...inNative]
    : [...someOf(changes, fault), ...forFault(inNative)];
  await sweepProcesses([...new Set(some)]);
  await withoutCanary(async () => {
    for (const change of ofThisProcess(changes.filter(isMetHere), fault)) {
      const root = copyRoot(swept);
      await checkRun(change, root, await runHere(() => run(root), root, change, fault));
    }
  });
}

/** Whether a run in this process meets the call of a change too, where JavaScript sees it. */
async function callsOf(
  swept: Swept,
  run: (root: string) => Promise<unknown>,
): Promise<(change: Change) => boolean> {
  const root = copyRoot(swept);
  const { calls, error } = await withoutCanary(() => runInProcess(() => run(root)));
  if (error !== undefined) throw new Error('it fails without a fault too', { cause: error });
  const keyOf = (...parts: unknown[]): string => parts.join(' ');
  const met = new Set(calls.map(({ name, path, nth }) => keyOf(name, nth, path)));
  return ({ name, path, nthChange }) => met.has(keyOf(name, nthChange, join(root, path)));
}

/** All of them in the smoke test; but a full disk, which takes the ways of EIO, is met at all of them in the full test. */
function ofThisProcess(changes: readonly Change[], fault: Fault): readonly Change[] {
  if (fault === 'ENOSPC') return isFullTest() ? changes : everyNth(changes, 3);
  return isFullTest() ? [] : changes;
}

/** Some of the changes, others for each fault. */
function someOf(changes: readonly Change[], fault: Fault): Change[] {
  const every = Math.ceil(changes.length / numInProcesses);
  const first = 7 * [...sweptFaults, 'short'].indexOf(fault);
  return changes.filter((_, at) => at % every === first % every);
}

/** The end of a run in this process, in the words of a process. */
async function runHere(
  run: () => Promise<unknown>,
  root: string,
  { name, path, nthChange }: Change,
  fault: Fault,
): Promise<InjectedRun> {
  const call = { name, path: join(root, path), nth: nthChange };
  const { error, fired } = await runInProcess(run, call, fault === 'SIGKILL' ? 'dead' : fault);
  if (fault === 'SIGKILL') return { code: null, signal: 'SIGKILL', stderr: '', fired };
  if (error === undefined) return { code: 0, signal: null, stderr: '', fired };
  const exitCode = error instanceof AppError ? error.exitCode : 70;
  return { code: exitCode, signal: null, stderr: error instanceof Error ? error.message : '', fired };
}

/** Every n-th of the calls, from `first` on; all of them in the longer run of a release. */
export function everyNth<T>(calls: readonly T[], n: number, first = 0): T[] {
  return calls.filter((_, at) => process.env['SEGUE_FAULTS'] === 'release' || at % n === first % n);
}

/** What is left by work that was broken off; empty after the next one has cleaned up. */
export function litterIn(root: string): string[] {
  const hidden = (directory: string): string[] =>
    readdirSync(directory).filter((name) => name.startsWith('.'));
  return [
    ...hidden(root),
    ...hidden(rootPath.snapshots(root)),
    ...readdirSync(rootPath.locks(root)).filter((name) => name !== 'publish' && name !== 'gc'),
  ];
}
