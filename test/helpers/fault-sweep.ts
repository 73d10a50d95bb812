/**
 * One fault after the other, at every call by which work changes what is below a root: in the test's own process, where a
 * failed call is an exception and a kill is that nothing changes any more; and in processes that the kernel makes fail, or
 * kills, where every third call meets one of the faults, and before a release each call all of them.
 */
import { cpSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { TaskContext } from '#dist/core/contracts.js';
import { AppError } from '#dist/core/errors.js';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { runInProcess, withoutCanary } from './calls-in-process.js';
import { inPairs, runWithFault, traceChanges } from './fault-injection.js';
import type { Fault, InjectedRun, Program, TracedChange } from './fault-injection.js';
import { listening } from './snapshots.js';
import { isNightly } from './full-tests.js';

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

/** What must hold after a run that met a fault. */
type Check = (change: Change, root: string, run: InjectedRun, what: string) => Promise<void>;

/** Throws where a fault did not happen; else `check` says what must hold. */
export async function sweepFault(
  swept: Swept,
  fault: Fault,
  changes: readonly Change[],
  check: Check,
): Promise<void> {
  expect(changes.length).toBeGreaterThan(0);
  const sweepProcesses = async (some: Iterable<Change>): Promise<void> =>
    inPairs([...some], async (change) => {
      const root = copyRoot(swept);
      const path = join(root, change.path);
      const run = await runWithFault(swept.program, [root], change, fault, path);
      await checkRun(check, fault, change, root, run);
    });
  const { run } = swept;
  if (run === undefined) {
    await sweepProcesses(changes);
    return;
  }
  const keyOf = ({ name, path, nthChange }: Change): string => [name, nthChange, path].join(' ');
  const met = new Set((await changesHere({ ...swept, run })).map(keyOf));
  const isMetHere = (change: Change): boolean => met.has(keyOf(change));
  const inNative = changes.filter((change) => !isMetHere(change));
  // Removing a directory is one call of Node, and many of the kernel.
  expect(inNative.length).toBeLessThan(changes.length / 2);
  const ofFault = everyNth(changes, 3 * sweptFaults.length, 3 * [...sweptFaults, 'short'].indexOf(fault));
  await sweepProcesses(new Set([...ofFault, ...inNative]));
  await sweepHere({ ...swept, run }, fault, changes.filter(isMetHere), check);
}

async function checkRun(
  check: Check,
  fault: Fault,
  change: Change,
  root: string,
  run: InjectedRun,
): Promise<void> {
  const what = `${fault} at ${change.text}: ${run.stderr}`;
  expect(run.fired, what).toBe(true);
  await check(change, root, run, what);
}

/** What is swept in this process alone. */
export type SweptHere = Omit<Swept, 'program'> & Required<Pick<Swept, 'run'>>;

/** What a run in this process changes when nothing goes wrong, where JavaScript sees it. */
export async function changesHere(swept: SweptHere): Promise<Change[]> {
  const root = copyRoot(swept);
  const { calls, error } = await withoutCanary(() => runInProcess(() => swept.run(root)));
  if (error !== undefined) throw new Error('it fails without a fault too', { cause: error });
  return calls
    .map((call) => ({ ...call, path: relative(root, call.path) }))
    .map(({ name, path, nth }) => ({ name, path, nth, nthChange: nth, text: `${name} ${path}` }));
}

/** Meets a fault at each of these calls, in this process. */
export async function sweepHere(
  swept: SweptHere,
  fault: Fault,
  changes: readonly Change[],
  check: Check,
): Promise<void> {
  await withoutCanary(async () => {
    for (const change of changes) {
      const root = copyRoot(swept);
      const run = await runHere(() => swept.run(root), root, change, fault);
      await checkRun(check, fault, change, root, run);
    }
  });
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
  return calls.filter((_, at) => isNightly || at % n === first % n);
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
