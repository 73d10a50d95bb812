import { Console } from 'node:console';
import { Readable, Writable } from 'node:stream';
import { main } from '#dist/cli/main.js';
import type { CommandClass, Program } from '#dist/cli/run-command.js';
import { canaryHere } from './canary-here.js';
import { cleanEnv, parsedJson, type RunResult } from './run-segue.js';

export interface HereOptions {
  readonly cwd?: string;
  /** What standard input gives; nothing where it is left out. */
  readonly stdin?: string | Readable;
  /**
   * Added to the environment, which has no SEGUE_… of the test's own but for one thread: bits do not depend on threads, and
   * starting one costs more than what most tests give it to do. undefined is not set.
   */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Other commands than those of segue. */
  readonly program?: Program;
  /** Is told what is written to stdout (1) and stderr (2), in order. */
  onOutput?(stream: 1 | 2, chunk: Buffer): void;
}

const segue: Program = {
  root: new URL('../../', import.meta.url),
  importCommand: (file) =>
    import(/* @vite-ignore */ new URL(`../../dist/commands/${file}.js`, import.meta.url).href) as Promise<{
      default: CommandClass;
    }>,
};

let before: Promise<unknown> = Promise.resolve();

/**
 * Runs `segue …` as bin/run.js does, but in this process, and the canary too: a tenth of the time of a process. For tests whose
 * subject is what a command answers. One at a time, however many are asked for at once: the environment, the
 * directory and the streams of a process are its own.
 */
export function runHere(args: readonly string[], options: HereOptions = {}): Promise<RunResult> {
  const result = before.then(() => canaryHere(() => run(args, options)));
  before = result.catch(() => undefined);
  return result;
}

/** Like runHere with --json: the one document on stdout, parsed. Rejects where stdout is anything else. */
export async function runHereJson(
  args: readonly string[],
  options: HereOptions = {},
): Promise<RunResult & { readonly json: unknown }> {
  return parsedJson(args, await runHere([...args, '--json'], options));
}

async function run(args: readonly string[], options: HereOptions): Promise<RunResult> {
  const { cwd, env, program = segue, stdin = '' } = options;
  const stdout = new Kept((chunk) => options.onOutput?.(1, chunk));
  const stderr = new Kept((chunk) => options.onOutput?.(2, chunk));
  const input = typeof stdin === 'string' ? Readable.from([Buffer.from(stdin)]) : stdin;
  const undo = [
    replaceProperty(process, 'env', cleanEnv({ SEGUE_THREADS: '1', ...env })),
    replaceProperty(process, 'stdin', input),
    replaceProperty(process, 'stdout', stdout),
    replaceProperty(process, 'stderr', stderr),
    // oclif prints its help by it.
    replaceProperty(globalThis, 'console', new Console(stdout, stderr)),
    keepListeners(),
  ];
  const directory = process.cwd();
  const exitCode = process.exitCode;
  try {
    if (cwd !== undefined) process.chdir(cwd);
    process.exitCode = undefined;
    const code = await new Promise<number>((resolve, reject) => {
      // The first end counts, as it would in a process. What comes after it is nobody's.
      undo.push(replaceProperty(process, 'exit', (ended: number) => resolve(ended)));
      main(args, program).catch(reject);
    });
    return { code, signal: null, stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    for (const each of undo.reverse()) each();
    process.exitCode = exitCode;
    process.chdir(directory);
    input.destroy();
  }
}

/** A stream that is no terminal, and keeps what is written. */
class Kept extends Writable {
  readonly #chunks: Buffer[] = [];
  readonly #onChunk: (chunk: Buffer) => void;

  constructor(onChunk: (chunk: Buffer) => void) {
    super();
    this.#onChunk = onChunk;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    // Its memory may be written again once it is taken.
    const own = Buffer.from(chunk);
    this.#chunks.push(own);
    this.#onChunk(own);
    done();
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }
}

function replaceProperty(object: object, name: string, value: unknown): () => void {
  const original = Object.getOwnPropertyDescriptor(object, name)!;
  Object.defineProperty(object, name, { value, configurable: true, writable: true });
  return () => {
    Object.defineProperty(object, name, original);
  };
}

/** What a command listens to ends with it. */
function keepListeners(): () => void {
  const events = ['uncaughtException', 'unhandledRejection', 'SIGINT', 'SIGTERM', 'SIGHUP', 'exit'] as const;
  const original = events.map((event) => process.listeners(event as 'exit'));
  return () => {
    events.forEach((event, at) => {
      for (const listener of process.listeners(event as 'exit'))
        if (!original[at]!.includes(listener)) process.off(event, listener);
    });
  };
}
