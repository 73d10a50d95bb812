/** Starts trainers (train-segue.ts, train_implicit.py), a process of its own for every run, and hears what they say. */
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** One line of the table: who trains, and how. */
export interface Trainer {
  readonly name: string;
  readonly library: 'segue' | 'implicit';
  readonly steps: number;
  /** segue's, where it is not the one in memory. */
  readonly solver?: 'partial-sums';
}

export interface Settings {
  readonly data: string;
  readonly factors: number;
  readonly epochs: number;
  readonly threads: number;
  readonly reg: number;
  readonly seed: number;
  /** Of Python, where implicit is installed. */
  readonly python: string;
}

/** What a trainer prints at its end. */
export interface Run {
  /** Before the first epoch: the pairs by item, memory, threads, start vectors. */
  readonly startSeconds: number;
  readonly epochSeconds: readonly number[];
  /** Processor time, all threads, from the start to the end of each epoch. */
  readonly cpuAfter: readonly number[];
  /** Peak memory of the whole process. */
  readonly peakBytes: number;
}

/** Why implicit cannot run, and how to get it; undefined where it can. */
export function implicitIsMissing(python: string): string | undefined {
  const { error, status, stderr } = spawnSync(python, ['-c', 'import implicit.cpu.als'], {
    encoding: 'utf8',
  });
  if (error !== undefined)
    return `${python} does not start (${error.message}): install Python 3, or say where it is by --python`;
  if (status !== 0)
    return `${python} has no implicit (${stderr.trim().split('\n').at(-1) ?? ''}): ${python} -m pip install implicit`;
  return undefined;
}

/**
 * One run. With `keep` the trainer writes factors after every epoch into that folder and waits; `afterEpoch` reads them.
 */
export function train(
  { library, steps, solver }: Trainer,
  settings: Settings,
  keep?: { readonly folder: string; readonly afterEpoch: (epoch: number) => Promise<void> },
): Promise<Run> {
  const { data, factors, epochs, threads, reg, seed, python } = settings;
  const [command, script] =
    library === 'segue'
      ? [process.execPath, join(import.meta.dirname, 'train-segue.js')]
      : [python, join(import.meta.dirname, '../../bench/train_implicit.py')];
  const flags = {
    data,
    factors,
    epochs,
    steps,
    threads,
    reg,
    seed,
    ...(solver && { solver }),
    ...(keep && { keep: keep.folder }),
  };
  const child = spawn(
    command,
    [script, ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, `${value}`])],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  return new Promise((resolve, reject) => {
    let run: Run | undefined;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const said = JSON.parse(line) as Run | { readonly epoch: number };
      if (!('epoch' in said)) run = said;
      else if (keep !== undefined) {
        keep.afterEpoch(said.epoch).then(() => child.stdin.write('\n'), reject);
      }
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (run === undefined || code !== 0) reject(new Error(`${script} ended with code ${String(code)}`));
      else resolve(run);
    });
  });
}
