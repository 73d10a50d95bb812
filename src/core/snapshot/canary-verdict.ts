/**
 * What the end of a canary process says: that the snapshot is sound, that it is damaged, or only that the machine did
 * not let it be opened. A kill, a limit or a slow disk is the machine's doing and never called damage; a crash is what
 * damaged files do.
 */
import { AppError, exitCodes } from '../errors.js';

/** How a canary process ended. */
export interface CanaryEnd {
  readonly code: number | null;
  /** Also of a process that was ended for `timedOut`. */
  readonly signal: NodeJS.Signals | null;
  /** It was still at it after `limitMs`, and was killed for that. */
  readonly timedOut: boolean;
  readonly limitMs: number;
  /** Processor time until then, of one that timed out; undefined where the system does not tell. */
  readonly processorMs?: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** No process could be started at all. */
  readonly refused?: AppError | undefined;
}

export type CanaryVerdict =
  | { readonly kind: 'sound' }
  /** Someone ended it: Ctrl-C in a terminal reaches the child too, and so do a hangup and a job that is cancelled. */
  | { readonly kind: 'stopped' }
  | { readonly kind: 'damaged'; readonly problem: string; readonly complaint?: AppError | undefined }
  | { readonly kind: 'machine'; readonly problem: string; readonly complaint?: AppError | undefined };

const stops: readonly (string | null)[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];
/** The kernel where memory runs out and whoever runs a container send the first, limits of time and size the others. */
const refusals: readonly (string | null)[] = ['SIGKILL', 'SIGXCPU', 'SIGXFSZ'];

/** What Node, V8, C++ and the dynamic loader print before they end a process that got no memory. */
const outOfMemory =
  /^(FATAL ERROR: .*(out of memory|Allocation failed)|.*Fatal (process|JavaScript) (OOM|out of memory)|terminate called after .*'std::bad_alloc'|.*: [Cc]annot allocate memory|.*error while loading shared libraries: )/m;

/** A pure function, so that every end can be tried. */
export function judgeCanary(end: CanaryEnd): CanaryVerdict {
  const { code, signal, timedOut, limitMs, processorMs, refused } = end;
  if (refused !== undefined) return { kind: 'machine', problem: refused.message, complaint: refused };
  if (code === 0) return { kind: 'sound' };
  if (timedOut) {
    const problem = `it was still being opened after ${limitMs / 1000} s`;
    // Opening takes a small part of the limit: whoever computed for a quarter of it goes round in circles. One that
    // waits (a slow disk, a stopped or busy machine) does not.
    if (processorMs !== undefined && processorMs > limitMs / 4)
      return { kind: 'damaged', problem: `${problem}, ${processorMs / 1000} s of them computing` };
    return { kind: 'machine', problem };
  }
  if (stops.includes(signal)) return { kind: 'stopped' };
  if (signal !== null && refusals.includes(signal))
    return {
      kind: 'machine',
      problem: `the process that opened it was ended by ${signal}, which the system sends where memory (or another limit) runs out`,
    };
  const complaint = parseComplaint(end.stdout);
  if (complaint !== undefined) {
    const kind = complaint.exitCode === exitCodes.machineRefused ? 'machine' : 'damaged';
    return { kind, problem: complaint.message, complaint };
  }
  const death = deathOf(end);
  return { kind: outOfMemory.test(end.stderr) ? 'machine' : 'damaged', problem: death };
}

function deathOf({ code, signal, stderr }: CanaryEnd): string {
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
