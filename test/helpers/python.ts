import { execFileSync } from 'node:child_process';
import { it } from 'vitest';
import { isFullTest } from './full-tests.js';

/** `it` of full tests in which Python reads what is ours, or writes what we read. */
export function inPythonTest(): (name: string, run: () => unknown) => void {
  return (name, run) => {
    if (isFullTest()) it(name, { tags: ['readers'] }, run);
  };
}

/** Runs a program with arguments; what it printed. */
export function python(program: string, args: readonly string[] = []): string {
  return execFileSync('python3', ['-c', program, ...args], { encoding: 'utf8' });
}
