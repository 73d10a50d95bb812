/**
 * Under a limit of addresses (`ulimit -v`; Slurm and SGE set it) V8 gets no WebAssembly memory: it reserves 10 GB of
 * addresses for each, to save checking bounds. Then segue starts again with V8 told to check them, and needs 3 GB.
 *
 * bin/run.js asks for this module only where there is a limit, so that no other start pays for it.
 */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { constants } from 'node:os';
import { addressLimit } from '../core/errors.js';

/** Node 20.15, 22.2 and newer have it. */
const flag = '--disable-wasm-trap-handler';
/** Room for as many memories as a command ever has at once, and all else. */
const plentyBytes = 64 * 2 ** 30;

export interface Start {
  readonly execArgv: readonly string[];
  readonly nodeOptions: string | undefined;
  readonly limitBytes: number;
  readonly knowsFlag: boolean;
}

/** Whether to start again: V8 would reserve too much, and was not told so yet. */
export function needsOtherStart({ execArgv, nodeOptions = '', limitBytes, knowsFlag }: Start): boolean {
  if (limitBytes >= plentyBytes || !knowsFlag) return false;
  return !execArgv.includes(flag) && !nodeOptions.split(/\s+/).includes(flag);
}

/** Does not return where segue is started again; else at once. `limits` is the text of /proc/self/limits. */
export async function startAgainIfLimited(limits: string): Promise<void> {
  const { execArgv, argv, env, execPath } = process;
  const start = {
    execArgv,
    nodeOptions: env['NODE_OPTIONS'],
    limitBytes: addressLimit(limits),
    knowsFlag: process.allowedNodeEnvironmentFlags.has(flag),
  };
  if (!needsOtherStart(start)) return;
  const args = [flag, ...execArgv, ...argv.slice(1)];
  // In the place of this process: no signal has to be passed on.
  process.execve?.(execPath, [execPath, ...args], env);
  await runInstead(execPath, args);
}

/** Runs the program as a child that has this process's terminal, and ends as it does. */
async function runInstead(execPath: string, args: readonly string[]): Promise<never> {
  const child = spawn(execPath, args, { stdio: 'inherit' });
  // A terminal sends the first three to both.
  const arrivesAnyway = hasTerminal();
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (signal === 'SIGTERM' || !arrivesAnyway) child.kill(signal);
    });
  }
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (...end) => {
      resolve(end);
    });
  });
  // As a shell says it.
  process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
}

function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}
