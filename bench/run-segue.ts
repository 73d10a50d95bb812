/** One command of segue in a process of its own, with --json. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

/** What stands on stderr as a phase ends, and what passed until then. */
export interface Phase {
  readonly line: string;
  /** Since the line before. */
  readonly seconds: number;
  /** The most memory of the process that was seen since the line before. */
  readonly peakBytes: number;
}

export interface Run {
  readonly json: Record<string, unknown>;
  /** Process start to end. */
  readonly seconds: number;
  /** Peak memory of the process, read from the kernel while it runs; 0 where there is no /proc. */
  readonly peakBytes: number;
  /** By line of stderr; the last one is what came after all lines. */
  readonly phases: readonly Phase[];
}

/** Rejects where the command fails. @param onStart called with the number of the process */
export function segue(args: readonly string[], onStart?: (pid: number) => void): Promise<Run> {
  const started = performance.now();
  const child = spawn(process.execPath, [...process.execArgv, bin, ...args, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.pid !== undefined) onStart?.(child.pid);
  let stdout = '';
  const phases: Phase[] = [];
  let [peakBytes, phasePeak, phaseStarted] = [0, 0, started];
  const look = (): void => {
    try {
      const status = readFileSync(`/proc/${String(child.pid)}/status`, 'utf8');
      const bytesOf = (name: string): number =>
        1024 * Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0);
      phasePeak = Math.max(phasePeak, bytesOf('VmRSS'));
      peakBytes = Math.max(peakBytes, bytesOf('VmHWM'));
    } catch {
      // It has just ended, or there is no /proc here.
    }
  };
  const endPhase = (line: string): void => {
    const now = performance.now();
    phases.push({ line, seconds: (now - phaseStarted) / 1000, peakBytes: phasePeak });
    [phasePeak, phaseStarted] = [0, now];
  };
  child.stdout.on('data', (text) => (stdout += String(text)));
  child.stderr.on('data', (text) => {
    look();
    for (const line of String(text).trimEnd().split('\n')) endPhase(line);
  });
  const poll = setInterval(look, 50);
  return new Promise((resolve, reject) => {
    child.on('close', (code) => {
      clearInterval(poll);
      endPhase('');
      if (code !== 0) reject(new Error(`segue ${args.join(' ')} ended with ${String(code)}\n${stdout}`));
      else {
        const json = JSON.parse(stdout) as Record<string, unknown>;
        resolve({ json, seconds: (performance.now() - started) / 1000, peakBytes, phases });
      }
    });
  });
}
