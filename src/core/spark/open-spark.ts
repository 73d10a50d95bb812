/** A Spark application for one command: what its executors need is brought there, and then it is asked chunk by chunk. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TaskContext } from '../contracts.js';
import type { RemoteEvents } from '../events/elsewhere/read-elsewhere.js';
import { bytesOf } from '../files/npy.js';
import { sha256Hex } from '../files/sha256.js';
import { SparkDriver } from './driver-process.js';
import { eventsBySpark } from './events-by-spark.js';
import type { Frame, Head } from './frames.js';
import { parseSparkConf } from './spark-conf.js';
import { requireMaster } from './spark-failure.js';
import type { SparkOptions } from './spark-options.js';
import type { SharedArray, WorkerJob } from './worker-jobs.js';

/** What scripts/build-spark.mjs puts there: the worker's files, as they refer to each other. */
const workerFiles = [
  'package.json',
  ...['main', 'events', 'worker'].map((name) => `compute/${name}.js`),
  'kernels/kernels.wasm',
];
const workerFolder = new URL('../../spark/worker/', import.meta.url);

/** Chunks under way for each core, so that none waits for the next. */
const chunksACore = 2;
export const leastAhead = 8;

/** What a worker takes beside the JVM of its executor, besides what it opens. */
export const workerBytes = 512 * 2 ** 20;

export interface Spark {
  /** Tasks that run at a time, as `spark.default.parallelism` says or the cores are. */
  readonly parallelism: number;
  /** How many chunks should be under way. */
  ahead(): number;
  /** Events that it reads. */
  readonly events: RemoteEvents;
  /** Files for all executors, by the names that they are to have there. */
  share(files: ReadonlyMap<string, string>): Promise<void>;
  /** The same of an array. */
  shareArray(array: ArrayBufferView): Promise<SharedArray>;
  /** Keeps blobs where executors can have them, under a name that says what they hold. */
  keep(name: string, blobs: readonly Uint8Array[]): Promise<void>;
  /** Nobody needs them any more. */
  forget(names: readonly string[]): Promise<void>;
  /** The answer of some executor's worker. AppErrors, those of the worker too. */
  ask(job: WorkerJob, head: Head, blobs: readonly Uint8Array[], kept?: NeededBlobs): Promise<Frame>;
  /** Executors that there are, and bytes that they have shuffled. */
  spent(): Promise<{ readonly executors: number; readonly shuffledBytes: number }>;
  /** Ends the application. */
  close(): Promise<void>;
}

/** What is kept and a worker has to have first. */
export interface NeededBlobs {
  readonly needs: readonly string[];
  /** Of what is asked with the same name before, the executor should be the same. */
  readonly place: string | undefined;
}

/** @param needs.openBytes what a job takes of an executor's memory, about */
export async function openSpark(
  options: SparkOptions,
  needs: { readonly openBytes: number },
  context: TaskContext,
): Promise<Spark> {
  const conf = parseSparkConf(options.sparkConf ?? []);
  const master = options.sparkMaster ?? conf.get('spark.master');
  if (master !== undefined) requireMaster(master);
  const say = (phase: string): void => {
    context.onProgress({ kind: 'step', phase, done: 0, total: undefined, unit: 'executors' });
  };
  say('starting Spark');
  const folder = mkdtempSync(join(tmpdir(), 'segue-spark-'));
  let started: SparkDriver | undefined;
  const close = async (): Promise<void> => {
    await started?.close();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const driver = await SparkDriver.start(options, conf, context.signal);
    started = driver;
    const files = workerFiles.map((path) => workerFile(path));
    await driver.request('start', startOf(options, conf, needs.openBytes, folder, files));
    const share = async (shared: ReadonlyMap<string, string>): Promise<void> => {
      await driver.request('share', { files: Object.fromEntries(shared) });
    };
    say('waiting for Spark executors');
    const { head } = await driver.request('wait', {});
    let parallelism = Number(head['parallelism']);
    /** Executors come and go. */
    const request = async (op: string, asked: Head, blobs?: readonly Uint8Array[]): Promise<Frame> => {
      const answer = await driver.request(op, asked, blobs);
      parallelism = Number(answer.head['parallelism'] ?? parallelism);
      return answer;
    };
    const ahead = (): number => Math.max(leastAhead, chunksACore * parallelism);
    await share(new Map(files.map(({ file, shared }) => [shared, file])));
    return {
      get parallelism() {
        return parallelism;
      },
      events: eventsBySpark(request, ahead, context),
      ahead,
      share,
      async shareArray(array) {
        const bytes = bytesOf(array);
        const sha256 = sha256Hex(bytes);
        const shared = sharedName(sha256, 'array');
        const path = join(folder, `of-${shared}`);
        writeFileSync(path, bytes);
        await share(new Map([[shared, path]]));
        return { shared, sha256 };
      },
      async keep(name, blobs) {
        await request('keep', { name }, blobs);
      },
      async forget(names) {
        await request('forget', { names });
      },
      async ask(job, asked, blobs, { needs, place } = { needs: [], place: undefined }) {
        const head = { asked: { ...asked, job }, needs, place: place ?? null };
        return request('run', head, blobs);
      },
      async spent() {
        const { head: spent } = await request('spent', {});
        return {
          executors: Math.max(1, Number(spent['executors'])),
          shuffledBytes: Number(spent['shuffledBytes']),
        };
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What the driver is told before anything else. */
function startOf(
  options: SparkOptions,
  conf: ReadonlyMap<string, string>,
  openBytes: number,
  folder: string,
  files: readonly ReturnType<typeof workerFile>[],
): Head {
  return {
    hasMaster: options.sparkMaster !== undefined || conf.has('spark.master'),
    conf: {
      'spark.app.name': 'segue',
      'spark.ui.showConsoleProgress': 'false',
      ...Object.fromEntries(conf),
    },
    defaults: {
      // Of YARN and Kubernetes, which count what runs beside the JVM.
      'spark.executor.memoryOverhead': `${Math.ceil((workerBytes + openBytes) / 2 ** 20)}m`,
      // What its vectorised reader hands on to Python crashes the JVM of an executor (Iceberg 1.6).
      'spark.sql.iceberg.vectorization.enabled': 'false',
    },
    folder,
    staging: options.sparkStaging ?? null,
    worker: {
      worker: sha256Hex(...files.map(({ sha256 }) => sha256)),
      version: versionOf(),
      node: options.sparkNode ?? null,
      files: Object.fromEntries(files.map(({ path, shared, sha256 }) => [path, { name: shared, sha256 }])),
    },
  };
}

function workerFile(path: string): { path: string; file: string; shared: string; sha256: string } {
  const url = new URL(path, workerFolder);
  const sha256 = sha256Hex(readFileSync(url));
  return { path, file: fileURLToPath(url), shared: sharedName(sha256, path), sha256 };
}

function versionOf(): string {
  const text = readFileSync(new URL('package.json', workerFolder), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}

/** What a file is called on executors: Spark knows files by their names alone. */
export function sharedName(sha256: string, path: string): string {
  return `segue-${sha256.slice(0, 16)}-${basename(path)}`;
}
