import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { words } from './words.js';

/** The system calls that change what is in a directory, or make it durable; the names differ by architecture. */
const changingCalls = [
  ...['mkdir', 'mkdirat', 'rename', 'renameat', 'renameat2', 'symlink', 'symlinkat', 'link', 'linkat'],
  ...words`unlink unlinkat rmdir fsync fdatasync fchmod fchmodat chmod ftruncate write pwrite64`,
] as const;

/** 'short': the kernel claims to have taken 10 bytes, or all but one where there are no more, and took none. */
export type Fault = 'SIGKILL' | 'EIO' | 'ENOSPC' | 'short';

/** A system call of the traced program: the n-th of its name (from 1 on), as strace prints it. */
export interface TracedCall {
  readonly name: string;
  readonly nth: number;
  readonly text: string;
}

/** A call that changes what `path`, relative to a root, names. */
export interface TracedChange extends TracedCall {
  readonly path: string;
  /** Like `nth`, without the calls of that name that change nothing: opens of a file that is there. */
  readonly nthChange: number;
}

/** The text of a module, or the arguments for node that name a program. */
export type Program = string | readonly string[];

export interface InjectedRun {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
  /** The fault really happened. */
  readonly fired: boolean;
}

/** The calls by which a program, in its main thread, changes a directory or a file, in order. */
export async function traceCalls(program: Program, args: readonly string[]): Promise<TracedCall[]> {
  const log = await traceNames(program, args, changingCalls);
  const counts = new Map<string, number>();
  const calls: TracedCall[] = [];
  for (const { name, text } of log) {
    const nth = (counts.get(name) ?? 0) + 1;
    counts.set(name, nth);
    calls.push({ name, nth, text });
  }
  return calls;
}

/**
 * The calls by which a program, in its main thread, changes what is below `root`, in order: also writes, and opens that
 * make a file. Each is the n-th of its name about `path`, which is relative to the root; so the program must give its
 * files the same names in every run.
 */
export async function traceChanges(
  program: Program,
  args: readonly string[],
  root: string,
): Promise<TracedChange[]> {
  const log = await traceNames(program, args, words`${changingCalls} openat open creat writev pwritev`);
  const counts = new Map<string, number>();
  const changes: TracedChange[] = [];
  const changeCounts = new Map<string, number>();
  for (const { name, text } of log) {
    const paths = [...text.matchAll(/[<"]([^>"]*)[>"]/g)].map(([, path = '']) => path);
    const path = paths.find((each) => each === root || each.startsWith(`${root}/`));
    if (path === undefined) continue;
    for (const each of new Set(paths))
      counts.set(`${name} ${each}`, (counts.get(`${name} ${each}`) ?? 0) + 1);
    if (name === 'openat' && !text.includes('O_CREAT')) continue;
    for (const each of new Set(paths))
      changeCounts.set(`${name} ${each}`, (changeCounts.get(`${name} ${each}`) ?? 0) + 1);
    const [nth, nthChange] = [counts, changeCounts].map((of) => of.get(`${name} ${path}`)!) as [
      number,
      number,
    ];
    changes.push({ name, nth, nthChange, text, path: relative(root, path) });
  }
  return changes;
}

async function traceNames(
  program: Program,
  args: readonly string[],
  names: readonly string[],
): Promise<{ name: string; text: string }[]> {
  // With the paths of descriptors, so that it can be told what was fsynced.
  const { code, log, stderr } = await strace(program, args, ['-y', `--trace=${known(names)}`]);
  if (code !== 0) throw new Error(`the program failed without any fault: ${stderr}`);
  return log.split('\n').flatMap((text) => {
    const name = /^([a-z0-9_]+)\(/.exec(text)?.[1];
    return name === undefined ? [] : [{ name, text }];
  });
}

/** Runs the program with a fault at one of its calls; with `path`, of those calls that are about that file. */
export async function runWithFault(
  program: Program,
  args: readonly string[],
  call: TracedCall,
  fault: Fault,
  path?: string,
): Promise<InjectedRun> {
  // More than there were would be no short write: libuv reads past its buffers then.
  const took = Number(/ = (\d+)/.exec(call.text)?.[1] ?? 11);
  const short = `retval=${String(Math.max(0, Math.min(10, took - 1)))}`;
  const what = { SIGKILL: 'signal=SIGKILL', EIO: 'error=EIO', ENOSPC: 'error=ENOSPC', short }[fault];
  const { log, ...run } = await strace(program, args, [
    ...(path === undefined ? [] : [`--trace-path=${path}`]),
    `--trace=${call.name}`,
    `--inject=${call.name}:${what}:when=${call.nth}`,
  ]);
  return { ...run, fired: fault === 'SIGKILL' ? run.signal === 'SIGKILL' : log.includes('(INJECTED)') };
}

/** Two at a time: most of each run is the start of a process. */
export async function inPairs<T>(values: readonly T[], run: (value: T) => Promise<void>): Promise<void> {
  const waiting = [...values];
  const next = async (): Promise<void> => {
    for (let value = waiting.shift(); value !== undefined; value = waiting.shift()) await run(value);
  };
  await Promise.all([next(), next()]);
}

/** strace ends as the traced program does: with its exit code, or by its signal. */
async function strace(
  program: Program,
  args: readonly string[],
  flags: readonly string[],
): Promise<{ code: number | null; signal: NodeJS.Signals | null; stderr: string; log: string }> {
  const directory = mkdtempSync(join(tmpdir(), 'segue-strace-'));
  const logPath = join(directory, 'log');
  try {
    const nodeArgs = typeof program === 'string' ? ['--input-type=module', '-e', program] : program;
    const node = [process.execPath, ...nodeArgs, ...args];
    const child = spawn('strace', ['-qq', '-o', logPath, ...flags, ...node], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (text) => (stderr += String(text)));
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (...ended) => resolve(ended));
    });
    return { code, signal, stderr, log: readFileSync(logPath, 'utf8') };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** strace refuses names that the architecture does not have; '?' lets it pass them over. */
function known(names: readonly string[]): string {
  return names.map((name) => `?${name}`).join(',');
}
