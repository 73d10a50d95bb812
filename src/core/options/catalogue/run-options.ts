/** Where operations work, how they run, and where what they make goes; what is published, compared and served. */
import { availableParallelism } from 'node:os';
import type { Readable } from 'node:stream';
import {
  anyFunction,
  choice,
  flag,
  isObject,
  like,
  moment,
  noTexts,
  off,
  type OptionKind,
  or,
  text,
  texts,
  textsByName,
  wholeNumber,
} from '../kinds.js';
import { file, inGroups, item, reference, reworded } from '../option.js';

const [global, run, output, batch, engine] = inGroups('GLOBAL', 'RUN', 'OUTPUT', 'BATCH', 'ENGINE');
const [publishing, comparison, input] = inGroups('PUBLISHING', 'COMPARISON', 'INPUT');
const [retention, query, service, recipe, log] = inGroups('RETENTION', 'QUERY', 'SERVICE', 'RECIPE', 'LOG');

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

export const runOptions = {
  root: global(or(text, '.segue'), 'directory that holds the snapshots', 'DIR'),
  json: global(off, 'print one JSON document per result on stdout, errors included'),
  quiet: global(off, 'show no progress or notes, only warnings and errors'),
  verbose: global(
    off,
    'show which snapshot answered, how long each step took, how much memory it used, and where an error arose',
  ),

  seed: run(
    or(wholeNumber({ min: 0, max: Number.MAX_SAFE_INTEGER }), 42),
    'random seed; the same seed gives the same bytes',
  ),
  threads: run(threads, 'worker threads; results do not depend on it', { usually: 'one per core' }),
  dryRun: run(off, 'show what would be done, and change nothing'),

  tag: output(text, 'name to give the snapshot, such as nightly', { value: 'NAME', completes: 'tags' }),
  out: output(text, 'file to write; - is stdout', { ...file, usually: 'stdout' }),
  force: output(off, 'replace what is there'),
  rankingFormat: batch(choice('ndjson', 'arrow', 'parquet', 'csv'), 'file format of the results', {
    usually: 'by the extension of `out`, else ndjson',
    variable: 'RANKING_FORMAT',
  }),

  // Where the work runs.
  engine: engine(
    or(choice('local', 'spark'), 'local'),
    'where the work runs: on this machine, or on the executors of a Spark cluster',
  ),
  sparkMaster: engine(text, 'address of the Spark master, such as spark://HOST:7077 or yarn', {
    value: 'URL',
    usually: "that of spark-submit's configuration",
  }),
  sparkConf: engine(
    texts,
    'a setting of Spark, or @FILE with one a line, which keeps secrets off the command line and out of logs ' +
      'and manifests',
    'KEY=VALUE',
  ),
  sparkSubmit: engine(text, 'spark-submit to start the driver with', {
    value: 'PATH',
    usually: 'the pyspark of `python`',
  }),
  python: engine(text, 'Python of the driver, and of executors where PYSPARK_PYTHON names no other', {
    value: 'PATH',
    usually: 'python3',
  }),
  sparkStaging: engine(text, 'directory that driver and executors read, such as hdfs:///tmp/segue', {
    value: 'PATH',
    usually: 'none; the driver serves files itself',
  }),
  sparkNode: engine(text, 'Node.js on executors, 20.19 or newer', {
    value: 'PATH',
    usually: 'node of their PATH',
  }),
  table: engine(texts, "table of Spark's catalogue with events, such as lake.music.plays", 'NAME'),
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

/** Publishing and rolling back, comparing snapshots, reporting on them, listing them and collecting old ones. */
export const releaseOptions = {
  expect: publishing(text, 'continue only if this snapshot (or none) is current now, else exit 5', reference),
  require: publishing(
    noTexts,
    "gate that has to pass, such as 'recall@10>=0.9' or 'overlap@10>=0.6'",
    'GATE',
  ),
  gates: publishing(text, 'YAML or JSON file of gates and canary items; none: no file', {
    value: 'FILE',
    usually: 'segue-gates.yaml beside the root, if there is one',
  }),
  why: publishing(text, 'reason to record in the publication log', 'TEXT'),
  toTime: publishing(
    text,
    'go back to what was current at this time: ISO 8601 (UTC if it names no zone), or an age such as 2d or 90m',
    { value: 'TIME', usually: 'the previous snapshot' },
  ),
  members: publishing(textsByName, 'references of the members of a bundle, by name'),

  a: comparison(or(text, 'current'), 'old snapshot', reference),
  b: comparison(or(text, 'latest'), 'new snapshot', reference),
  failOn: comparison(noTexts, "exit 1 if this is true, such as 'overlap@10<0.8'", 'CONDITION'),
  comparedAs: comparison(
    text,
    'name of the model to compare, if both snapshots or one are bundles of several',
    { value: 'NAME', usually: 'each name of two bundles; of one its first' },
  ),
  sample: comparison(wholeNumber({ min: 1 }), 'number of items whose neighbours are compared', {
    usually: 'by the number of items',
  }),
  comparedUsers: comparison(
    wholeNumber({ min: 1 }),
    'number of users whose recommendations are compared, and whose vectors from A are scored with the items ' +
      'of B',
    { usually: '500, or fewer if there are very many items' },
  ),
  against: comparison(
    text,
    'snapshot to compare with, as diff-snapshots does: id, unique prefix, tag, current, previous or latest',
    reference,
  ),
  outputFormat: output(
    or(choice('text', 'markdown'), 'text'),
    'output format: text, or markdown for a pull request comment on GitHub',
    { variable: 'OUTPUT_FORMAT' },
  ),

  // The report.
  reportFile: output(
    text,
    'HTML file to write too, replacing one that is there: the snapshot and its changes, as report draws them',
    'FILE',
  ),
  examples: input(
    noTexts,
    'item whose neighbours to show, by id or name, before those of the most played',
    item,
  ),
  training: input(text, 'what segue train --json printed, for the loss of every epoch', 'FILE'),
  evaluation: input(
    text,
    'what segue evaluate --json printed, for metrics with intervals and the baseline',
    'FILE',
  ),
  map: input(
    or(flag, true),
    'whether the map is drawn, which takes seconds to a minute where none is kept yet',
    { off: 'leave the map out, which takes seconds to a minute where none is kept yet' },
  ),
  figures: output(text, 'folder to write each figure into too, as SVG', 'DIR'),
  png: output(flag, 'write each figure as PNG too; needs the package @resvg/resvg-wasm'),

  tags: output(texts, 'tags to remove', { value: 'NAME', completes: 'tags' }),
  keep: retention(or(wholeNumber({ min: 0 }), 5), 'number of newest snapshots to keep, whatever their age'),
  olderThan: retention(
    text,
    'delete only what was made, and was last current, longer ago than this, such as 30d or 12h',
    { value: 'AGE', usually: 'any age; 7d for checkpoints' },
  ),
  limit: output(
    wholeNumber({ min: 1, max: 1_000_000_000 }),
    'maximum number of entries to show, newest first',
    { letter: 'n', usually: 'all' },
  ),
  snapshots: query(noTexts, 'snapshots: ids, unique prefixes, tags, current, previous or latest', reference),
};

/** Of what answers over HTTP. */
const ports = { min: 0, max: 65_535 };
const aboutPort = 'port to listen at; 0: any that is free';

export const serviceOptions = {
  host: service(or(text, '127.0.0.1'), 'address to listen at', 'ADDRESS'),
  port: service(or(wholeNumber(ports), 7341), aboutPort),
  explorePort: service(or(wholeNumber(ports), 0), aboutPort, { variable: 'PORT' }),
  allowHost: service(noTexts, 'name by which requests may call the service, besides its own', 'NAME'),
  tokenFile: service(
    text,
    'file with a token a line, after it rights (read,listeners,feedback,hide,forget) and names of roots; read again on SIGHUP',
    { value: 'FILE', usually: 'a token is made, and printed once' },
  ),
  requireToken: service(off, 'ask for a token for reading too, on a loopback address'),
  workers: service(wholeNumber({ min: 0, max: 256 }), 'threads that search', { usually: 'one per core' }),
  timeout: service(or(text, '10s'), 'longest that an answer may take', 'TIME'),
  drain: service(or(text, '10s'), 'on SIGTERM, how long answers go on while /readyz is 503 already', 'TIME'),
  maxRequests: service(
    wholeNumber({ min: 1, max: 100_000 }),
    'answers under way at once, of 100 results each; more are refused with 503',
    { usually: '64 per worker' },
  ),
  servedFallback: recipe(
    or(text, 'popular'),
    'recipe that answers for a user whom nobody knows, or who was forgotten',
    'NAME|FILE',
  ),
  mayWrite: service(off, 'let the page keep likes, dislikes and bans as feedback', {
    flag: 'write',
  }),
  noOpen: service(off, 'print the address, and open no browser'),
  logLevel: log(
    or(choice('silent', 'error', 'warn', 'info'), 'info'),
    'how much is logged; info has a line of JSON for each request',
  ),
  logFile: log(text, 'file that lines are appended to', { value: 'FILE', usually: 'standard error' }),
  logDetails: log(off, 'log addresses and callers, which may name users'),
  roots: global(noTexts, 'directory that holds the snapshots; NAME=DIR for each of several', {
    flag: 'root',
    value: 'DIR',
    usually: '.segue',
  }),
};
