/**
 * The canary: a child process that opens a snapshot before anyone who matters does. Whatever a damaged file does to it,
 * die, hang or complain, becomes an error here.
 */
import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

import { AppError, abortError, machineError } from '../errors.js';
import type { Manifest } from './manifest.js';

/** Some 200 ms are usual; a machine that is busy with other things is no damage. */
const defaultTimeoutMs = 60_000;

export interface CanaryOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
}

/** Throws damaged-snapshot where the child complains, dies, or does not end; machine errors; the abort's error. */
export async function sendCanary(
  directory: string,
  manifest: Manifest,
  options: CanaryOptions,
): Promise<void> {
  const { signal, timeoutMs = defaultTimeoutMs } = options;
  const end = await runChild(directory, JSON.stringify(manifest), signal, timeoutMs);
  if (signal.aborted) throw abortError(signal);
  // Ctrl-C in a terminal reaches the child too, and may end it before this process knows of it.
  if (end.signal === 'SIGINT' || end.signal === 'SIGTERM') throw new AppError('interrupted', 'interrupted');
  if (end.code === 0) return;
  const problem = end.timedOut ? `it was still being opened after ${timeoutMs / 1000} s` : deathOf(end);
  const complaint = parseComplaint(end.stdout);
  throw (
    complaint ??
    new AppError('damaged-snapshot', `snapshot ${manifest.id} cannot be opened: ${problem}`, {
      suggestions: ['publish another snapshot, or make this one again'],
      details: { snapshot: manifest.id, stderr: end.stderr },
    })
  );
}

interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly timedOut: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

function runChild(
  directory: string,
  manifest: string,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<ChildEnd> {
  const program = fileURLToPath(new URL('./canary-process.js', import.meta.url));
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, directory], { stdio: ['pipe', 'pipe', 'pipe'] });
    const kill = (): boolean => child.kill('SIGKILL');
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      kill();
    }, timeoutMs);
    signal.addEventListener('abort', kill, { once: true });
    if (signal.aborted) kill();
    const stopListening = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', kill);
    };
    child.once('error', (error) => {
      stopListening();
      reject(machineError(error, 'start a process to open the snapshot'));
    });
    // Where no further file may be opened there are no pipes, and the error follows.
    if ((child.stdin as Writable | undefined) === undefined) return;
    const texts = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        if (texts[name].length < 10_000) texts[name] += text;
      });
    }
    child.once('close', (code, endSignal) => {
      stopListening();
      resolve({ code, signal: endSignal, timedOut, ...texts });
    });
    // A child that dies before it has read all of its input is reported by its end.
    child.stdin.on('error', () => undefined);
    child.stdin.end(manifest);
  });
}

function deathOf({ code, signal, stderr }: ChildEnd): string {
  const [lastWords = ''] = stderr.trim().split('\n').slice(-1);
  return `the process that tried ended with ${signal ?? `exit code ${code ?? '?'}`}${lastWords === '' ? '' : ` (${lastWords})`}`;
}

/** The error that the child printed, or undefined. */
function parseComplaint(stdout: string): AppError | undefined {
  if (stdout === '') return undefined;
  try {
    const { code, message, ...more } = JSON.parse(stdout) as Pick<
      AppError,
      'code' | 'message' | 'details' | 'suggestions'
    >;
    return new AppError(code, message, more);
  } catch {
    return undefined;
  }
}
