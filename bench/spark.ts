/**
 * The same work by the threads of this machine and by Spark, on the same events:
 *
 *   node build/bench/spark.js --python build/spark/bin/python                              1M and 10M pairs
 *   node build/bench/spark.js --python … --pairs 1000000,10000000,100000000 --what fold    needs 16 GB of disk and 12 of memory
 *   node build/bench/spark.js --python … --what mllib                                      an epoch beside one of MLlib's ALS
 *
 * `fold`: everyone's vector from the histories of a snapshot. `events`: the same from a file of events, which is read first.
 * `train`: two epochs. Each is a command from its start to its end, in turns, and makes its snapshot anew; the ids have to be
 * the same. The marginal rate is that of what one size has more than the one before, so that what a start takes is not in it.
 * Where others use the machine, look at the processor time: of the command, and of all that Spark starts for it.
 * The python has pyspark, for `events` and `train` pyarrow, and for `mllib` NumPy. What it prints is Markdown.
 *
 * MLlib is a peer of time alone: its objective is another one, and it solves each row exactly where segue takes two steps.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { generateEvents } from './generate-events.js';
import { ProcessTree } from './process-tree.js';
import { segue } from './run-segue.js';

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '1000000,10000000' },
    what: { type: 'string', default: 'fold,events' },
    factors: { type: 'string', default: '64' },
    rounds: { type: 'string', default: '1' },
    python: { type: 'string', default: 'python3' },
    'spark-master': { type: 'string', default: 'local-cluster[2,1,1024]' },
    'spark-conf': { type: 'string', multiple: true, default: [] },
    /** A folder for events, which are kept there for the next run. */
    data: { type: 'string' },
  },
});
const { factors, python } = values;
const master = values['spark-master'];
const engines = {
  local: [],
  spark: [
    ...['--engine', 'spark', '--spark-master', master, '--python', python],
    ...values['spark-conf'].flatMap((conf) => ['--spark-conf', conf]),
  ],
} as const;
type Engine = keyof typeof engines;
const kinds = ['fold', 'events', 'train', 'mllib'] as const;
type Kind = (typeof kinds)[number];

interface Input {
  readonly events: string;
  readonly root: string;
  readonly base: string;
  readonly users: number;
  readonly items: number;
  readonly pairs: number;
}

/** What the fastest of the rounds took, in seconds, and the pairs that it was for. */
interface Row {
  readonly kind: Kind;
  readonly pairs: number;
  readonly users: number;
  readonly seconds: Readonly<Record<Engine, number>>;
  /** Of the command, and of all that Spark started for it. */
  readonly cpuSeconds: Readonly<Record<Engine, number>>;
  readonly isSame: boolean;
}

/** About as many distinct pairs, 100 a user, in no order, as Parquet. */
async function makeEvents(path: string, pairs: number): Promise<void> {
  const text = `${path}.tsv`;
  const items = Math.ceil(pairs / 200);
  generateEvents(text, {
    events: Math.ceil(1.5 * pairs),
    users: Math.ceil(pairs / 100),
    items,
    clusters: Math.ceil(items / 250),
    tastes: 4,
    seed: 42,
    extras: ['weight', 'time'],
  });
  const database = await DuckDBInstance.create(':memory:');
  const connection = await database.connect();
  await connection.run(
    `COPY (SELECT "user", item, weight, to_timestamp("time") AS "time" FROM read_csv('${text}', delim = '\t'))
     TO '${path}' (FORMAT parquet)`,
  );
  connection.closeSync();
  database.closeSync();
  rmSync(text);
}

async function prepare(folder: string, pairs: number): Promise<Input> {
  const events = join(values.data ?? folder, `events-${pairs}.parquet`);
  if (!existsSync(events)) {
    note(`${pairs} pairs: events`);
    await makeEvents(events, pairs);
  }
  note(`${pairs} pairs: a snapshot`);
  const root = join(folder, `root-${pairs}`);
  const { json } = await segue(['train', events, '--root', root, '--factors', factors, '--epochs', '1']);
  const { snapshot, users, items, interactions } = json;
  const counts = { users: Number(users), items: Number(items), pairs: Number(interactions) };
  return { events, root, base: String(snapshot), ...counts };
}

/** What the command took, and the id of the snapshot that it made, which is removed. */
async function timed(
  kind: Kind,
  engine: Engine,
  input: Input,
): Promise<{ readonly seconds: number; readonly cpuSeconds: number; readonly id: string }> {
  const { events, root, base, pairs } = input;
  note(`${pairs} pairs: ${kind}, ${engine}`);
  const everyone = ['user-vector', '--all', '--root', root, '--snapshot', base];
  const command = {
    fold: [...everyone, '--half-life', '90d'],
    events: [...everyone, '--events', events],
    train: ['train', events, '--root', join(root, 'again'), '--factors', factors, '--epochs', '2'],
    mllib: [],
  }[kind];
  let tree: ProcessTree | undefined;
  const { json, seconds } = await segue([...command, ...engines[engine]], (pid) => {
    tree = new ProcessTree(pid);
  });
  const cpuSeconds = tree?.end() ?? Number.NaN;
  if (json['existed'] !== false) throw new Error(`${command.join(' ')} made nothing`);
  rmSync(String(json['path']), { recursive: true });
  return { seconds, cpuSeconds, id: String(json['snapshot']) };
}

async function compare(kind: Kind, input: Input): Promise<Row> {
  const seconds = { local: Infinity, spark: Infinity };
  const cpuSeconds = { local: Infinity, spark: Infinity };
  const ids = new Set<string>();
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const engine of ['local', 'spark'] as const) {
      const run = await timed(kind, engine, input);
      seconds[engine] = Math.min(seconds[engine], run.seconds);
      cpuSeconds[engine] = Math.min(cpuSeconds[engine], run.cpuSeconds);
      ids.add(run.id);
    }
  }
  return { kind, pairs: input.pairs, users: input.users, seconds, cpuSeconds, isSame: ids.size === 1 };
}

/** Seconds of an epoch: segue's second one, and one of MLlib's ALS. */
async function besideMllib(input: Input): Promise<readonly string[]> {
  note(`${input.pairs} pairs: an epoch of segue, and of MLlib`);
  const program = fileURLToPath(new URL('../../bench/spark_mllib.py', import.meta.url));
  const run = ['train', input.events, '--root', join(input.root, 'epochs'), '--factors', factors];
  const { json } = await segue([...run, '--epochs', '2']);
  const [, epoch] = json['epochs'] as readonly { readonly seconds: number }[];
  const asked = [program, '--events', input.events, '--factors', factors, '--master', master];
  const conf = values['spark-conf'].flatMap((each) => ['--conf', each]);
  const { stdout } = await promisify(execFile)(python, [...asked, ...conf]);
  const { pairs, secondsPerIteration } = JSON.parse(stdout) as {
    readonly pairs: number;
    readonly secondsPerIteration: number;
  };
  if (pairs !== input.pairs) throw new Error(`MLlib read ${pairs} pairs, segue ${input.pairs}`);
  const own = epoch?.seconds ?? Number.NaN;
  const numbers = [millions(pairs), own.toFixed(2), secondsPerIteration.toFixed(2)];
  return [...numbers, `${(secondsPerIteration / own).toFixed(1)} ×`];
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

function millions(count: number): string {
  return `${(count / 1e6).toFixed(count < 1e7 ? 2 : 1)}M`;
}

/** Pairs a second; nothing where what there was more of took no longer, as it may with little work. */
function rate(secondsPerPair: number): string {
  return secondsPerPair > 0 ? millions(1 / secondsPerPair) : '–';
}

function ratio(seconds: number, of: number): string {
  return seconds > 0 && of > 0 ? (seconds / of).toFixed(2) : '–';
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [titles, titles.map(() => '---'), ...rows];
  return `${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`;
}

function wholeRuns(rows: readonly Row[]): string {
  return table(
    [
      'work',
      'pairs',
      'users',
      'local',
      'Spark',
      'local, pairs/s',
      'Spark, pairs/s',
      'CPU, local',
      'CPU, Spark',
      'snapshot',
    ],
    rows.map(({ kind, pairs, users, seconds: { local, spark }, cpuSeconds: cpu, isSame }) => [
      ...[kind, millions(pairs), String(users), `${local.toFixed(1)} s`, `${spark.toFixed(1)} s`],
      ...[millions(pairs / local), millions(pairs / spark)],
      ...[`${cpu.local.toFixed(1)} s`, `${cpu.spark.toFixed(1)} s`, isSame ? 'the same' : 'DIFFERENT'],
    ]),
  );
}

/** Of each size over the one before. */
function marginalRates(rows: readonly Row[]): string {
  const steps = kinds.flatMap((kind) => {
    const sizes = rows.filter((row) => row.kind === kind);
    return sizes.slice(1).map((more, at) => ({ less: sizes[at] ?? more, more }));
  });
  return table(
    [
      'work',
      'from',
      'to',
      'local, pairs/s',
      'Spark, pairs/s',
      'Spark / local',
      'the same by CPU',
      'as fast from',
    ],
    steps.map(({ less, more }) => {
      const pairs = more.pairs - less.pairs;
      const aPair = (engine: Engine, of: 'seconds' | 'cpuSeconds'): number =>
        (more[of][engine] - less[of][engine]) / pairs;
      const [local, spark] = [aPair('local', 'seconds'), aPair('spark', 'seconds')];
      const byCpu = ratio(aPair('local', 'cpuSeconds'), aPair('spark', 'cpuSeconds'));
      const behind = more.seconds.spark - more.seconds.local;
      const even = Math.max(0, more.pairs + behind / (local - spark));
      return [
        ...[more.kind, millions(less.pairs), millions(more.pairs), rate(local), rate(spark)],
        ...[ratio(local, spark), byCpu, local > spark ? millions(even) : 'never here'],
      ];
    }),
  );
}

function isKind(what: string): what is Kind {
  return kinds.some((kind) => kind === what);
}

// Executors on this machine, whatever its name resolves to.
process.env['SPARK_LOCAL_IP'] ??= '127.0.0.1';
process.env['SPARK_LOCAL_HOSTNAME'] ??= 'localhost';
if (values.data !== undefined) mkdirSync(values.data, { recursive: true });
const whats = values.what.split(',').map((what) => {
  if (!isKind(what)) throw new Error(`--what ${what}: wanted ${kinds.join(', ')}`);
  return what;
});
const folder = mkdtempSync(join(tmpdir(), 'segue-bench-spark-'));
const rows: Row[] = [];
const epochs: (readonly string[])[] = [];
const before = loadavg()[0] ?? 0;
try {
  for (const pairs of values.pairs.split(',').map(Number)) {
    const input = await prepare(folder, pairs);
    for (const kind of whats) {
      if (kind === 'mllib') epochs.push(await besideMllib(input));
      else rows.push(await compare(kind, input));
    }
    rmSync(input.root, { recursive: true });
  }
} finally {
  rmSync(folder, { recursive: true });
}
process.stdout.write(
  `${availableParallelism()} cores of ${cpus()[0]?.model ?? 'an unknown processor'}, load ${before.toFixed(1)} before; ` +
    `Node ${process.versions.node}; ${master}; ${factors} dimensions; best of ${values.rounds}\n\n`,
);
if (rows.length > 0) process.stdout.write(`${wholeRuns(rows)}\n${marginalRates(rows)}\n`);
if (epochs.length > 0)
  process.stdout.write(
    table(['pairs', 'segue, s an epoch', 'MLlib, s an iteration', 'MLlib / segue'], epochs),
  );
