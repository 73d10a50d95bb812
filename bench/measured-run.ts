/**
 * One command of segue in a process of its own, and what it took of the machine: bench/many.ts starts commands so. The process
 * itself says it as it ends: this file is imported before the command where MEASURED_FD is set.
 */
import { spawn } from 'node:child_process';
import { writeSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isMainThread } from 'node:worker_threads';

export interface MeasuredRun {
  readonly stdout: string;
  /** Process start to end. */
  readonly seconds: number;
  /** Processor time of all threads, of the program and of the system for it. */
  readonly cpuSeconds: number;
  readonly peakBytes: number;
}

const self = fileURLToPath(import.meta.url);
const measuredFd = 3;

/** `node script args`, with the options that this process was given, such as --cpu-prof. Rejects where it fails. @param input for its stdin */
export function measuredRun(
  script: string,
  args: readonly string[],
  input: Iterable<string> = [],
): Promise<MeasuredRun> {
  const started = performance.now();
  const measuring = [...process.execArgv, '--import', pathToFileURL(self).href];
  const child = spawn(process.execPath, [...measuring, script, ...args], {
    stdio: ['pipe', 'pipe', 'inherit', 'pipe'],
    env: { ...process.env, MEASURED_FD: String(measuredFd) },
  });
  // Where it ends before it has read all of it, its exit code says why.
  if (child.stdin !== null) pipeline(Readable.from(input), child.stdin).catch(() => undefined);
  const text = ['', ''];
  [child.stdout, child.stdio[measuredFd] as Readable].forEach((stream, at) => {
    stream?.on('data', (piece) => (text[at] += String(piece)));
  });
  return new Promise((resolve, reject) => {
    child.on('close', (code) => {
      const seconds = (performance.now() - started) / 1000;
      const [stdout = '', measured = ''] = text;
      if (code !== 0) {
        reject(new Error(`${script} ${args.join(' ')} ended with ${String(code)}\n${stdout}`));
        return;
      }
      const { cpuSeconds, peakBytes } = JSON.parse(measured) as MeasuredRun;
      resolve({ stdout, seconds, cpuSeconds, peakBytes });
    });
  });
}

if (process.env['MEASURED_FD'] === String(measuredFd) && isMainThread) {
  process.on('exit', () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    const measured = { cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakBytes: maxRSS * 1024 };
    writeSync(measuredFd, JSON.stringify(measured));
  });
}
