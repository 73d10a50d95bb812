/** One command of segue in a process of its own, with --json. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

export interface Run {
  readonly json: Record<string, unknown>;
  /** Process start to end. */
  readonly seconds: number;
  /** Peak memory of the process, read from the kernel while it runs; 0 where there is no /proc. */
  readonly peakBytes: number;
  /** Seconds after the start at which each phase began. */
  readonly phases: readonly string[];
}

/** Rejects where the command fails. @param onStart called with the number of the process */
export function segue(args: readonly string[], onStart?: (pid: number) => void): Promise<Run> {
  const started = performance.now();
  const child = spawn(process.execPath, [bin, ...args, '--json'], { stdio: ['ignore', 'pipe', 'pipe'] });
  if (child.pid !== undefined) onStart?.(child.pid);
  let stdout = '';
  const phases: string[] = [];
  let peakBytes = 0;
  child.stdout.on('data', (text) => (stdout += String(text)));
  child.stderr.on('data', (text) => {
    for (const line of String(text).trimEnd().split('\n'))
      phases.push(`${((performance.now() - started) / 1000).toFixed(0)} s: ${line}`);
  });
  const poll = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${String(child.pid)}/status`, 'utf8');
      peakBytes = Math.max(peakBytes, 1024 * Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
    } catch {
      // It has just ended, or there is no /proc here.
    }
  }, 50);
  return new Promise((resolve, reject) => {
    child.on('close', (code) => {
      clearInterval(poll);
      if (code !== 0) reject(new Error(`segue ${args.join(' ')} ended with ${String(code)}\n${stdout}`));
      else {
        const json = JSON.parse(stdout) as Record<string, unknown>;
        resolve({ json, seconds: (performance.now() - started) / 1000, peakBytes, phases });
      }
    });
  });
}
