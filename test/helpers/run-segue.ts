import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const binPath = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

export interface RunOptions {
  /** Another file than bin/run.js. */
  readonly bin?: string;
  readonly cwd?: string;
  /** Added to the environment; undefined is not set. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Bytes for stdin; without it stdin is empty. */
  readonly stdin?: string | Uint8Array;
  /** After so many ms the process is killed and the promise rejects. Default 60,000. */
  readonly timeoutMs?: number;
  /** Flags for node itself. */
  readonly nodeArgs?: readonly string[];
  /** Called once the process runs: to send it signals, or to listen to its streams. */
  readonly onSpawn?: (child: ReturnType<typeof spawn>) => void;
}

export interface RunResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The environment of a test's segue: that of the test without any SEGUE_…, colour or runner variables. */
export function cleanEnv(more: Readonly<Record<string, string | undefined>> = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(SEGUE_|VITEST|NODE_(?!V8_COVERAGE$)|FORCE_COLOR$|NO_COLOR$|DEBUG$|TEST$|CI$)/.test(name),
  );
  return Object.fromEntries(
    [...inherited, ...Object.entries(more)].filter(([, value]) => value !== undefined),
  );
}

/** Runs `segue …` as a shell would, through bin/run.js in a process of its own, and waits for its end. */
export function runSegue(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...(options.nodeArgs ?? []), options.bin ?? binPath, ...args], {
      cwd: options.cwd,
      env: cleanEnv(options.env),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    const timeoutMs = options.timeoutMs ?? 900_000;
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`segue ${args.join(' ')} ran longer than ${String(timeoutMs)} ms`));
    }, timeoutMs);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({
        code,
        signal,
        stdout: Buffer.concat(stdout).toString('utf8'),
        stderr: Buffer.concat(stderr).toString('utf8'),
      });
    });
    // A command that does not read stdin may end first: that closed pipe is no failure of the test.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.stdin);
    options.onSpawn?.(child);
  });
}

/** Like runSegue with --json: the one document on stdout, parsed. Rejects where stdout is anything else. */
export async function runSegueJson(
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult & { readonly json: unknown }> {
  return parsedJson(args, await runSegue([...args, '--json'], options));
}

/** A result of `segue … --json` with its one document. */
export function parsedJson(
  args: readonly string[],
  result: RunResult,
): RunResult & { readonly json: unknown } {
  try {
    return { ...result, json: JSON.parse(result.stdout) as unknown };
  } catch (error) {
    throw new Error(
      `segue ${args.join(' ')} --json printed no single JSON document:\n${result.stdout}\n${result.stderr}`,
      { cause: error },
    );
  }
}
