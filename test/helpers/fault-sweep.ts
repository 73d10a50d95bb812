/** One fault after the other, at every system call by which a program changes what is below a root. */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { inPairs, runWithFault, traceChanges } from './fault-injection.js';
import type { Fault, InjectedRun, Program } from './fault-injection.js';

export type Change = Awaited<ReturnType<typeof traceChanges>>[number];

/** A program that takes the root as its first argument, and gives its files the same names in every run. */
export interface Swept {
  readonly program: Program;
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

/**
 * A module program that calls the library, for `Swept`: `body` sees root and context. What it throws ends on stderr,
 * and its exit code is the error's. Without `canary` none is sent.
 */
export function sweptProgram(
  imports: string,
  body: string,
  options: { readonly canary?: boolean } = {},
): Program {
  const text = `
    ${imports}
    const root = process.argv[1];
    const context = { signal: new AbortController().signal, onProgress: () => undefined };
    try {
      ${body}
    } catch (error) {
      process.stderr.write(error.message);
      process.exitCode = error.exitCode ?? 70;
    }`;
  const quietly = options.canary === true ? [] : preload('quiet-canary');
  return [...predictably, ...quietly, '--input-type=module', '-e', text];
}

/** With the same times: the stamps of a template do not hold in its copies, but those of a copy do. */
export function copyRoot({ template, newDirectory }: Swept): string {
  const root = join(newDirectory(), 'root');
  execFileSync('cp', ['-a', template, root]);
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
  await inPairs(changes, async (change) => {
    const root = copyRoot(swept);
    const run = await runWithFault(swept.program, [root], change, fault, join(root, change.path));
    const what = `${fault} at ${change.text}: ${run.stderr}`;
    expect(run.fired, what).toBe(true);
    await check(change, root, run, what);
  });
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
