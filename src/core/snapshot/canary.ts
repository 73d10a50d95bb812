/**
 * The canary: a child process that opens a snapshot before anyone who matters does. Whatever a damaged file does to it,
 * die, hang or complain, becomes an error here; canary-verdict.ts says which.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { AppError, abortError, machineError } from '../errors.js';
import { collectGarbage } from '../files/machine-memory.js';
import { judgeCanary, type CanaryEnd } from './canary-verdict.js';
import type { Manifest } from './manifest.js';
import { totalBytes } from './verify.js';

/** Some 200 ms are usual; a machine that is busy gets more time. */
const leastTimeoutMs = 60_000;
/** A disk that is slower than this, 20 MB/s, is not waited for. */
const slowestBytesAMs = 20_000;

export interface CanaryOptions {
  readonly signal: AbortSignal;
  /** By default it grows with the snapshot's bytes. */
  readonly timeoutMs?: number;
}

/**
 * Opens the snapshot in a child process; where the machine does not let it (a kill, a limit, a slow disk) once more,
 * after this process has given back what memory it can. Throws damaged-snapshot where the child complains, dies, or
 * goes round in circles; unchecked where the machine refused twice; the abort's error.
 */
export async function sendCanary(
  directory: string,
  manifest: Manifest,
  options: CanaryOptions,
): Promise<void> {
  const { signal, timeoutMs = canaryTimeoutMs(totalBytes(manifest)) } = options;
  for (let attempt = 1; ; attempt++) {
    const end = await runChild(directory, JSON.stringify(manifest), signal, timeoutMs);
    if (signal.aborted) throw abortError(signal);
    const verdict = judgeCanary(end);
    if (verdict.kind === 'sound') return;
    if (verdict.kind === 'stopped') throw new AppError('interrupted', 'interrupted');
    const { problem, complaint } = verdict;
    if (verdict.kind === 'damaged') {
      throw (
        complaint ??
        new AppError('damaged-snapshot', `snapshot ${manifest.id} cannot be opened: ${problem}`, {
          suggestions: ['publish another snapshot, or make this one again'],
          details: { snapshot: manifest.id, stderr: end.stderr },
        })
      );
    }
    if (attempt === 2) {
      const { suggestions = [] } = complaint ?? {};
      throw new AppError('unchecked', `snapshot ${manifest.id} could not be checked: ${problem}`, {
        suggestions: suggestions.length > 0 ? suggestions : [giveItRoom],
        details: { snapshot: manifest.id, stderr: end.stderr },
        cause: complaint,
      });
    }
    collectGarbage();
  }
}

const giveItRoom =
  'give it more memory, or a machine that is less busy, and try again: it need not be damaged';

/** How long a snapshot of so many bytes may take to be opened. */
export function canaryTimeoutMs(bytes: number): number {
  return leastTimeoutMs + Math.ceil(bytes / slowestBytesAMs);
}

/** How V8 was told to reserve less address space, where it was. */
const inheritedFlags = ['--disable-wasm-trap-handler'];

function runChild(
  directory: string,
  manifest: string,
  signal: AbortSignal,
  limitMs: number,
): Promise<CanaryEnd> {
  const program = fileURLToPath(new URL('./canary-process.js', import.meta.url));
  const flags = process.execArgv.filter((flag) => inheritedFlags.includes(flag));
  const nothing = { code: null, signal: null, timedOut: false, limitMs, stdout: '', stderr: '' };
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...flags, program, directory], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const kill = (): boolean => child.kill('SIGKILL');
    let timedOut = false;
    let processorMs: number | undefined;
    const timer = setTimeout(() => {
      timedOut = true;
      processorMs = processorTimeOf(child.pid);
      kill();
    }, limitMs);
    signal.addEventListener('abort', kill, { once: true });
    if (signal.aborted) kill();
    const stopListening = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', kill);
    };
    child.once('error', (error) => {
      stopListening();
      resolve({ ...nothing, refused: machineError(error, 'start a process to open the snapshot') });
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
      resolve({ code, signal: endSignal, timedOut, limitMs, processorMs, ...texts });
    });
    // A child that dies before it has read all of its input is reported by its end.
    child.stdin.on('error', () => undefined);
    child.stdin.end(manifest);
  });
}

/** Processor time of a process in ms, where the system has /proc: Linux counts it in hundredths of a second. */
function processorTimeOf(pid: number | undefined): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid ?? ''}/stat`, 'utf8');
    // The name of the program, in parentheses, may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = Number(fields[11]) + Number(fields[12]);
    return Number.isFinite(ticks) ? ticks * 10 : undefined;
  } catch {
    return undefined;
  }
}
