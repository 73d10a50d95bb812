/** Where operations work, how they run, and where what they make goes. */
import { availableParallelism } from 'node:os';
import type { Readable } from 'node:stream';
import {
  anyFunction,
  choice,
  flag,
  isObject,
  like,
  moment,
  or,
  text,
  texts,
  wholeNumber,
  type OptionKind,
} from '../kinds.js';
import { option, reworded } from '../option.js';

/** Takes bytes that are written anew once it resolves. */
export interface ByteSink {
  write(bytes: Uint8Array): Promise<void>;
}

const mostThreads = 256;

/** One per core. */
export function defaultThreads(): number {
  return Math.min(availableParallelism(), mostThreads);
}

const threads: OptionKind<number> & { readonly fallback: () => number } = {
  ...wholeNumber({ min: 1, max: mostThreads }),
  fallback: defaultThreads,
};

const sparkPlace = { group: 'ENGINE' } as const;

export const runOptions = {
  root: option(or(text, '.segue'), {
    about: 'directory that holds the snapshots',
    group: 'GLOBAL',
    value: 'DIR',
  }),
  json: option(or(flag, false), {
    about: 'print one JSON document per result on stdout, errors included',
    group: 'GLOBAL',
  }),
  quiet: option(or(flag, false), {
    about: 'show no progress or notes, only warnings and errors',
    group: 'GLOBAL',
  }),
  verbose: option(or(flag, false), {
    about:
      'show which snapshot answered, how long each step took, how much memory it used, and where an error arose',
    group: 'GLOBAL',
  }),

  seed: option(or(wholeNumber({ min: 0, max: Number.MAX_SAFE_INTEGER }), 42), {
    about: 'random seed; the same seed gives the same bytes',
    group: 'RUN',
  }),
  threads: option(threads, {
    about: 'worker threads; results do not depend on it',
    group: 'RUN',
    usually: 'one per core',
  }),
  dryRun: option(or(flag, false), { about: 'show what would be done, and change nothing', group: 'RUN' }),

  tag: option(text, {
    about: 'name to give the snapshot, such as nightly',
    group: 'OUTPUT',
    value: 'NAME',
    completes: 'tags',
  }),
  out: option(text, {
    about: 'file to write; - is stdout',
    group: 'OUTPUT',
    value: 'FILE',
    usually: 'stdout',
    isFile: true,
  }),
  force: option(or(flag, false), { about: 'replace what is there', group: 'OUTPUT' }),
  rankingFormat: option(choice('ndjson', 'arrow', 'parquet', 'csv'), {
    about: 'file format of the results',
    group: 'BATCH',
    usually: 'by the extension of `out`, else ndjson',
    variable: 'RANKING_FORMAT',
  }),

  // Where the work runs.
  engine: option(or(choice('local', 'spark'), 'local'), {
    about: 'where the work runs: on this machine, or on the executors of a Spark cluster',
    ...sparkPlace,
  }),
  sparkMaster: option(text, {
    about: 'address of the Spark master, such as spark://HOST:7077 or yarn',
    ...sparkPlace,
    value: 'URL',
    usually: "that of spark-submit's configuration",
  }),
  sparkConf: option(texts, {
    about:
      'a setting of Spark, or @FILE with one a line, which keeps secrets off the command line and out of logs ' +
      'and manifests',
    ...sparkPlace,
    value: 'KEY=VALUE',
  }),
  sparkSubmit: option(text, {
    about: 'spark-submit to start the driver with',
    ...sparkPlace,
    value: 'PATH',
    usually: 'the pyspark of `python`',
  }),
  python: option(text, {
    about: 'Python of the driver, and of executors where PYSPARK_PYTHON names no other',
    ...sparkPlace,
    value: 'PATH',
    usually: 'python3',
  }),
  sparkStaging: option(text, {
    about: 'directory that driver and executors read, such as hdfs:///tmp/segue',
    ...sparkPlace,
    value: 'PATH',
    usually: 'none; the driver serves files itself',
  }),
  sparkNode: option(text, {
    about: 'Node.js on executors, 20.19 or newer',
    ...sparkPlace,
    value: 'PATH',
    usually: 'node of their PATH',
  }),
  table: option(texts, {
    about: "table of Spark's catalogue with events, such as lake.music.plays",
    ...sparkPlace,
    value: 'NAME',
  }),
};

/** What only a program can give. */
export const programOptions = {
  write: reworded(like<(bytes: Uint8Array) => Promise<void>>('a function that takes bytes', anyFunction), {
    about: 'takes bytes that are written anew once it resolves',
  }),
  json: reworded(like<(value: unknown) => string>('a function that makes JSON of a value', anyFunction), {
    about: 'JSON text of a value',
    usually: '`JSON.stringify`',
  }),
  stdin: reworded(
    like<Readable>('a readable stream', (value) => isObject(value) && anyFunction(value['read'])),
    { about: 'what `-` reads', usually: "the process's stdin" },
  ),
  inMemory: reworded(flag, {
    about:
      'hold vectors and index in memory (about 5 · items · dim bytes, where the vectors are at most 1 GiB, and, ' +
      "without workers, up to 256 MiB of rows that were read), or read what an answer needs from the snapshot's files",
  }),
  at: reworded(moment, { about: 'from when ages count back, and when it was done', usually: 'now' }),
  /** Where bytes go. */
  sink: {
    ...like<string | ByteSink>(
      'a path, or an object with a function write(bytes)',
      (value) => text.accepts(value) || (isObject(value) && anyFunction(value['write'])),
    ),
    schema: { type: 'string' },
  },
};
