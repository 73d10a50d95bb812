import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runHere } from './run-here.js';
import { runSegue, type RunResult } from './run-segue.js';
import { scratchPath } from './scratch-path.js';

export const classicRock = {
  plays: fileURLToPath(new URL('../../examples/classic-rock/plays.csv.gz', import.meta.url)),
  items: fileURLToPath(new URL('../../examples/classic-rock/items.csv', import.meta.url)),
  feedback: fileURLToPath(new URL('../../examples/classic-rock/feedback.csv', import.meta.url)),
} as const;

/** Flags for node that take shared memory away before anything of segue is loaded. */
export const withoutSharedMemory = [
  '--import',
  'data:text/javascript,delete globalThis.SharedArrayBuffer; delete globalThis.Atomics',
];

/** A temporary folder of a test's own. */
export interface Folder {
  readonly path: string;
  /**
   * Runs segue with --root in the folder; rejects unless it ends with the exit code wanted. In this process (run-here.ts), unless
   * there are flags for node.
   */
  segue(args: readonly string[], wanted?: number, nodeArgs?: readonly string[]): Promise<RunResult>;
  /** The same in a process of its own, as a shell runs it. */
  process(args: readonly string[], wanted?: number, nodeArgs?: readonly string[]): Promise<RunResult>;
  /** What `segue` says with --json, parsed: a line each. */
  json(args: readonly string[], wanted?: number): Promise<readonly Record<string, any>[]>;
  remove(): void;
}

export function makeFolder(): Folder {
  return folderAt(mkdtempSync(join(scratchPath, 'e2e-')));
}

/** A directory that is there, as a folder. */
export function folderAt(path: string): Folder {
  const where = { env: { SEGUE_ROOT: join(path, 'root') }, cwd: path };
  const ended = (args: readonly string[], wanted: number, result: RunResult): RunResult => {
    if (result.code === wanted) return result;
    throw new Error(
      `segue ${args.join(' ')} ended with ${String(result.code ?? result.signal)}, wanted ${String(wanted)}\n` +
        result.stdout +
        result.stderr,
    );
  };
  const inProcess: Folder['process'] = async (args, wanted = 0, nodeArgs = []) =>
    ended(args, wanted, await runSegue(args, { ...where, nodeArgs }));
  const segue: Folder['segue'] = async (args, wanted = 0, nodeArgs = []) =>
    nodeArgs.length > 0 ? inProcess(args, wanted, nodeArgs) : ended(args, wanted, await runHere(args, where));
  return {
    path,
    segue,
    process: inProcess,
    async json(args, wanted) {
      const { stdout } = await segue([...args, '--json'], wanted);
      return stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, any>);
    },
    remove: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** sha256 of every file below a directory, by relative path. */
export function hashesBelow(directory: string): Record<string, string> {
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile())
    .sort();
  return Object.fromEntries(
    files.map((path) => [
      relative(directory, path),
      createHash('sha256').update(readFileSync(path)).digest('hex'),
    ]),
  );
}
