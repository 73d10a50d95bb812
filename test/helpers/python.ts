import { execFileSync, type ExecFileSyncOptions } from 'node:child_process';
import { it } from 'vitest';
import { isFullTest } from './full-tests.js';

/** `it` of full tests in which Python reads what is ours, or writes what we read. */
export function inPythonTest(): (name: string, run: () => unknown) => void {
  return (name, run) => {
    if (isFullTest()) it(name, { tags: ['readers'] }, run);
  };
}

/**
 * The arguments with which Python runs a program of lines and ends once it is through: an interpreter that takes itself
 * down while a thread of pyarrow still ends is sometimes aborted ("terminate called without an active exception"), after
 * all was printed. A program that raises never comes to the last line, and fails.
 */
export function runsPython(program: string): string[] {
  return ['-c', `${program}\nimport os, sys; sys.stdout.flush(); sys.stderr.flush(); os._exit(0)`];
}

/** Runs a program with arguments, and what it is to read; what it printed. */
export function python(
  program: string,
  args: readonly string[] = [],
  options: ExecFileSyncOptions = {},
): string {
  return execFileSync('python3', [...runsPython(program), ...args], { ...options, encoding: 'utf8' });
}
