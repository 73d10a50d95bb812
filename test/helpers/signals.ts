/** Signals that come when they are wanted: in the middle of certain work, or to a process that is known to have stopped. */
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { RunOptions } from './run-segue.js';

export interface SignalPoint {
  readonly signal: NodeJS.Signals;
  /** The call after which the process sends it to itself, and what path the call is about. */
  readonly call: 'open' | 'rename' | 'fsync';
  readonly path: RegExp;
  /** So many such calls come before. Default 0. */
  readonly after?: number;
}

/** For `runSegue`: the process sends itself a signal at that point. Linux only, like the tests of faults. */
export function signalledAt(
  { path, ...point }: SignalPoint,
  env: Readonly<Record<string, string>> = {},
): Pick<RunOptions, 'env' | 'nodeArgs'> {
  const program = fileURLToPath(new URL('../faults/programs/signal-itself.mjs', import.meta.url));
  return {
    nodeArgs: ['--import', program],
    env: { ...env, SIGNAL_ITSELF: JSON.stringify({ ...point, path: path.source }) },
  };
}

/** Resolves once the kernel says that the process has stopped: by SIGSTOP, whoever sent it. */
export async function untilStopped({ pid, exitCode, signalCode }: ChildProcess): Promise<void> {
  const state = (): string | undefined =>
    /\) (\w) /.exec(readFileSync(`/proc/${String(pid)}/stat`, 'utf8'))?.[1];
  while (state() !== 'T') {
    if (exitCode !== null || signalCode !== null) throw new Error('the process ended before it stopped');
    await sleep(2);
  }
}

/** Stops a process, and resolves once it does nothing any more. */
export async function stop(child: ChildProcess): Promise<void> {
  child.kill('SIGSTOP');
  await untilStopped(child);
}
