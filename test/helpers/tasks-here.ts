/** Executors as Spark has them, in this process: tasks run on any of them, in any order, and some are lost in the middle. */
import { setImmediate } from 'node:timers/promises';
import type { Frame } from '#dist/core/spark/frames.js';
import type { TaskRunner } from '#dist/core/spark/pool-by-spark.js';
import type { RunRanges } from '#dist/core/spark/worker-jobs.js';
import type { OpenJob } from '#dist/core/spark/worker/open-job.js';
import { openRunRanges } from '#dist/core/spark/worker/run-ranges.js';
import { seededRandom } from '#dist/core/numeric/random.js';

interface Task {
  readonly job: RunRanges;
  readonly head: Frame['head'];
  readonly blobs: readonly Uint8Array[];
  readonly needs: readonly string[];
}

export interface TasksHere extends TaskRunner {
  /** What is kept, by name. */
  readonly kept: ReadonlyMap<string, readonly Uint8Array[]>;
  readonly counts: {
    tasks: number;
    kept: number;
    /** Of vectors that were kept at a time. */
    mostPieces: number;
    brought: number;
    lost: number;
    late: number;
  };
  close(): Promise<void>;
}

/** @param lossy share of tasks before which their executor is lost, and of those that come a second time, late */
export function tasksHere({ parallelism = 2, executors = 2, lossy = 0, seed = 1 } = {}): TasksHere {
  const random = seededRandom(seed);
  const kept = new Map<string, readonly Uint8Array[]>();
  const counts = { tasks: 0, kept: 0, mostPieces: 0, brought: 0, lost: 0, late: 0 };
  const workers: (OpenJob | undefined)[] = Array.from({ length: executors }, () => undefined);
  const queues = workers.map(() => Promise.resolve());
  const before: Task[] = [];

  /** @param late a task that comes in between */
  const run = async (at: number, { job, head, blobs, needs }: Task, late?: Task): Promise<Frame> => {
    const between = late === undefined ? [] : [late];
    const worker = (workers[at] ??= openRunRanges(job, 1 + at));
    const ask = async (more: object, given: readonly Uint8Array[]): Promise<Frame> =>
      worker.answer({
        head: JSON.parse(JSON.stringify({ ...head, ...more })) as Frame['head'],
        blobs: given,
      });
    for (;;) {
      const { missing } = (await ask({ op: 'missing' }, [])).head as { missing: string[] };
      for (const name of missing) {
        if (!needs.includes(name)) throw new Error(`${name} is asked for, which the task does not need`);
        const given = kept.get(name);
        if (given === undefined) throw new Error(`${name} is not kept`);
        await ask({ op: 'keep', name }, given);
        counts.brought++;
      }
      for (const other of between.splice(0)) await run(at, other);
      const answer = await ask({}, blobs);
      if (!('missing' in answer.head)) return answer;
    }
  };
  const runOn = (at: number, task: Task): Promise<Frame> => {
    const answer = queues[at]!.then(async () => {
      if (random.nextFraction() < lossy) {
        await workers[at]?.close();
        workers[at] = undefined;
        counts.lost++;
      }
      const late = before[random.nextBelow(before.length + 1)];
      const comes = random.nextFraction() < lossy && late?.needs.every((name) => kept.has(name)) === true;
      if (comes) counts.late++;
      return run(at, task, comes ? late : undefined);
    });
    queues[at] = answer.then(
      () => undefined,
      () => undefined,
    );
    return answer;
  };

  return {
    kept,
    counts,
    parallelism,
    ahead: () => 2 * parallelism,
    spent: () => Promise.resolve({ executors, shuffledBytes: 0 }),
    keep(name, blobs) {
      counts.kept++;
      kept.set(
        name,
        blobs.map((blob) => blob.slice()),
      );
      const pieces = [...kept.values()].filter(({ length }) => length === 1);
      counts.mostPieces = Math.max(counts.mostPieces, pieces.length);
      return Promise.resolve();
    },
    forget(names) {
      for (const name of names) if (!kept.delete(name)) throw new Error(`${name} was not kept`);
      return Promise.resolve();
    },
    async ask(job, head, blobs, { needs } = { needs: [], place: undefined }) {
      if (job.job !== 'run-ranges') throw new Error(`${job.job} is not a job of tests`);
      counts.tasks++;
      const task = { job, head, blobs: blobs.map((blob) => blob.slice()), needs };
      const answer = await runOn(random.nextBelow(executors), task);
      before.push(task);
      if (before.length > 20) before.shift();
      if (random.nextFraction() < 0.5) await setImmediate();
      return answer;
    },
    async close() {
      for (const worker of workers) await worker?.close();
    },
  };
}
