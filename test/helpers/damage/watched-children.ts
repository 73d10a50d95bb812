/** Children that handle cases one after the other: whichever dies or hangs is noted, and another takes its place. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/** What a child says: what it is about to do, or how a case ended. */
export interface Said {
  readonly number?: number;
  readonly doing?: string;
  readonly ready?: boolean;
  readonly [key: string]: unknown;
}

/** A case that a child did not survive, or did not end. */
export interface Death {
  readonly doing: string;
  readonly end: string;
}

export interface ChildCase {
  readonly number: number;
}

export interface WatchOptions {
  /** Starts a child, whose stdin takes cases and whose stdout answers, a line of JSON each. */
  readonly command: () => { readonly program: string; readonly args: readonly string[] };
  readonly children: number;
  /** After so long without a word a child hangs. */
  readonly silenceMs: number;
}

/** Calls `onDone` once a case, with what the child said or how it died. */
export async function runCases<C extends ChildCase>(
  cases: readonly C[],
  options: WatchOptions,
  onDone: (one: C, end: Said | Death) => void,
): Promise<void> {
  const waiting = [...cases].reverse();
  const work = async (): Promise<void> => {
    while (waiting.length > 0) await withChild(waiting, options, onDone);
  };
  await Promise.all(Array.from({ length: options.children }, work));
}

/** Until there are no more cases, or the child is dead. */
async function withChild<C extends ChildCase>(
  waiting: C[],
  options: WatchOptions,
  onDone: (one: C, end: Said | Death) => void,
): Promise<void> {
  const { program, args } = options.command();
  const child = spawn(process.execPath, ['--max-old-space-size=1024', program, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (text) => (stderr = (stderr + String(text)).slice(-4_000)));
  child.stdin.on('error', () => undefined);
  const now = { doing: 'starting', hung: false, one: undefined as C | undefined };
  const bark = (): void => {
    now.hung = true;
    child.kill('SIGKILL');
  };
  let watchdog = setTimeout(bark, options.silenceMs);
  createInterface({ input: child.stdout }).on('line', (line) => {
    // The last line of a child that was killed may be cut.
    if (!line.endsWith('}')) return;
    clearTimeout(watchdog);
    watchdog = setTimeout(bark, options.silenceMs);
    const said = JSON.parse(line) as Said;
    if (said.doing !== undefined) {
      now.doing = said.doing;
      return;
    }
    if (now.one !== undefined) onDone(now.one, said);
    now.one = waiting.pop();
    if (now.one === undefined) child.stdin.end();
    else child.stdin.write(`${JSON.stringify(now.one)}\n`);
  });
  const end = await endOf(child);
  clearTimeout(watchdog);
  const { doing, hung, one } = now;
  if (one !== undefined) onDone(one, { doing, end: hung ? 'a hang' : `${end}: ${stderr}` });
  else if (end !== 'exit 0') throw new Error(`a child could not start, ${end}: ${stderr}`);
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(signal ?? `exit ${String(code)}`));
  });
}
