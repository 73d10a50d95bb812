import { execFileSync } from 'node:child_process';
import { it } from 'vitest';
import { isFullTest } from './full-tests.js';

/** Whether a python3 with these modules is here; says on stderr what is skipped where it is not. */
export function hasPython(modules: readonly string[], skipped: string): boolean {
  try {
    execFileSync('python3', ['-c', `import ${modules.join(', ')}`], { stdio: 'ignore' });
    return true;
  } catch {
    console.warn(`SKIPPED: python3 with ${modules.join(', ')} is not here, so ${skipped}`);
    return false;
  }
}

/** `it` of full tests, where a python3 with these modules is here: it reads what is ours, or writes what we read. */
export function inPythonTest(
  ...given: Parameters<typeof hasPython>
): (name: string, run: () => unknown) => void {
  return isFullTest() ? it.skipIf(!hasPython(...given)) : () => undefined;
}

/** Runs a program with arguments; what it printed. */
export function python(program: string, args: readonly string[] = []): string {
  return execFileSync('python3', ['-c', program, ...args], { encoding: 'utf8' });
}
