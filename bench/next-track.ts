/**
 * Next track: the last track of every playlist is held out and has to be found from those before it. item2vec, als and
 * popularity, from the whole playlist and from its last tracks alone.
 *
 *   node build/bench/next-track.js playlists.csv
 *   node build/bench/next-track.js playlists.csv --item2vec recency=2,epochs=30 --als unobserved-weight=0.03,reg=0.003
 *   node build/bench/next-track.js playlists.csv --context more-playlists.csv
 *
 * Rows of a file are in the order of its playlists; those of --context may be in any, and only train. A playlist of the
 * first file is left out of the second.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Pairs, Ranker } from '#dist/core/contracts.js';
import { splitEvents } from '#dist/core/evaluation/split-events.js';
import { readInteractions } from '#dist/core/events/read-events.js';
import { findModel, resolveOptions } from '#dist/core/models/all-models.js';
import type { GivenOptions, ModelName } from '#dist/core/models/model.js';
import { pairsMarked, usersAt } from '#dist/core/numeric/split-pairs.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    context: { type: 'string' },
    columns: { type: 'string' },
    als: { type: 'string', default: '' },
    item2vec: { type: 'string', default: '' },
    threads: { type: 'string', default: '2' },
    seed: { type: 'string', default: '42' },
  },
});
const file = positionals[0];
if (file === undefined) throw new Error('name a file of playlists in order');
const threads = Number(values.threads);
const seed = Number(values.seed);
const context = { signal: new AbortController().signal, onProgress: () => undefined };
const clock = (): number => performance.now() / 1000;
const ks = [10, 20, 100] as const;

function given(text: string): GivenOptions {
  const parts = text === '' ? [] : text.split(',').map((part) => part.split('='));
  return Object.fromEntries(
    parts.map(([name = '', value = '']) => [name, Number.isNaN(Number(value)) ? value : Number(value)]),
  );
}

async function read(files: string[]) {
  const options = { columns: values.columns, skipBadRows: false, minUserItems: 1, minItemUsers: 1, threads };
  return (await readInteractions({ files, ...options, ordered: true, ...context })).interactions;
}

/** The playlists of another file that the first does not have, in a file of their own. */
async function writeContext(other: string, known: ReadonlySet<string>, path: string): Promise<void> {
  const { users, items, sequences } = await read([other]);
  const lines = ['user,item'];
  for (let u = 0; u < users.length; u++) {
    if (known.has(users.at(u))) continue;
    for (let e = sequences?.indptr[u] ?? 0; e < (sequences?.indptr[u + 1] ?? 0); e++)
      lines.push(`context/${users.at(u)},${items.at(sequences?.item[e] ?? 0)}`);
  }
  writeFileSync(path, `${lines.join('\n')}\n`);
}

/** The last `n` of each history, by their places. */
function lastOf(histories: Pairs, n: number): Pairs {
  const marks = new Uint8Array(histories.item.length);
  for (let u = 0; u < histories.numUsers; u++) {
    const from = histories.indptr[u] ?? 0;
    const places = histories.lastAt.subarray(from, histories.indptr[u + 1]);
    const latest = [...places.keys()].sort((a, b) => Number((places[b] ?? 0n) - (places[a] ?? 0n)));
    for (const at of latest.slice(0, n)) marks[from + at] = 1;
  }
  return pairsMarked(histories, marks, 1);
}

/** Hit rates and mean reciprocal rank (0 past 100), what is in the whole history left out. */
async function measure(
  ranker: Ranker,
  folded: Pairs,
  whole: Pairs,
  targets: readonly (number | undefined)[],
): Promise<number[]> {
  const hits = ks.map(() => 0);
  let reciprocal = 0;
  await ranker.rank(folded, Math.min(1000, ranker.numItems), (u, ranked) => {
    const heard = new Set(whole.item.subarray(whole.indptr[u], whole.indptr[u + 1]));
    const rank = ranked.filter(({ row }) => !heard.has(row)).findIndex(({ row }) => row === targets[u]);
    if (rank < 0 || rank >= 100) return;
    ks.forEach((k, at) => (hits[at] = (hits[at] ?? 0) + (rank < k ? 1 : 0)));
    reciprocal += 1 / (rank + 1);
  });
  return [...hits, reciprocal].map((sum) => sum / targets.length);
}

/** Pairs of neighbours that an epoch meets on average, of sequences of these lengths. */
function pairsAnEpoch(lengths: readonly number[], window: number): number {
  let pairs = 0;
  for (const length of lengths)
    for (let apart = 1; apart <= Math.min(window, length - 1); apart++)
      pairs += (2 * (length - apart) * (window - apart + 1)) / window;
  return pairs;
}

const folder = mkdtempSync(join(tmpdir(), 'segue-next-track-'));
try {
  const files = [file];
  if (values.context !== undefined) {
    const { users } = await read([file]);
    const path = join(folder, 'context.csv');
    await writeContext(
      values.context,
      new Set(Array.from({ length: users.length }, (_, u) => users.at(u))),
      path,
    );
    files.push(path);
  }
  const all = await read(files);
  const split = splitEvents(all, { kind: 'leave-last-out', seed }, 'test');
  const { train } = split;
  // Context is trained on as it is with its last tracks left out too, and not measured.
  const isMeasured = Array.from(
    { length: all.users.length },
    (_, u) => !all.users.at(u).startsWith('context/'),
  );
  const rows = [...Array(split.histories.numUsers).keys()].filter((u) => isMeasured[u] === true);
  const histories = usersAt(split.histories, rows);
  const { indptr, item } = split.targets;
  const targets = rows.map((u) => item.subarray(indptr[u], indptr[u + 1])[0]);
  const print = (cells: readonly string[]): void =>
    void process.stdout.write(
      `${cells.map((cell, at) => (at < 2 ? cell.padEnd(16) : cell.padStart(9))).join(' ')}\n`,
    );
  process.stdout.write(
    `${train.pairs.item.length} pairs of ${train.users.length} playlists and ${train.items.length} tracks; ` +
      `${targets.length} targets, ${targets.filter((target) => target === undefined).length} of tracks never trained on\n`,
  );
  print(['model', 'from', ...ks.map((k) => `hits@${k}`), 'MRR@100', 'seconds']);
  const choices: readonly (readonly [ModelName, GivenOptions, readonly number[]])[] = [
    ['popularity', {}, [Infinity]],
    ['als', given(values.als), [Infinity, 10, 5, 2]],
    ['item2vec', given(values.item2vec), [Infinity, 10, 5, 2]],
  ];
  for (const [name, options, lasts] of choices) {
    const model = findModel(name);
    const resolved = resolveOptions(model, options);
    const data = { pairs: train.pairs, sequences: train.sequences };
    const started = clock();
    const fitted = await model.plan(data, resolved, seed).fit({ threads, clock, context });
    const seconds = clock() - started;
    for (const last of lasts) {
      const folded = last === Infinity ? histories : lastOf(histories, last);
      const numbers = await measure(fitted, folded, histories, targets);
      const from = last === Infinity ? 'the whole' : `the last ${last}`;
      print([name, from, ...numbers.map((number) => number.toFixed(4)), seconds.toFixed(1)]);
    }
    await fitted.close();
    if (name !== 'item2vec' || train.sequences === undefined) continue;
    const { indptr: starts } = train.sequences;
    const lengths = Array.from(
      { length: starts.length - 1 },
      (_, u) => (starts[u + 1] ?? 0) - (starts[u] ?? 0),
    );
    const pairs = pairsAnEpoch(lengths, Number(resolved['window']));
    const epochs = fitted.epochs.map((epoch) => epoch.seconds).sort((a, b) => a - b);
    const median = epochs[epochs.length >> 1] ?? 0;
    process.stdout.write(
      `item2vec: ${(pairs / 1e6).toFixed(2)}M pairs an epoch, ${median.toFixed(2)} s in the median, ` +
        `${(pairs / median / 1e6).toFixed(2)}M pairs a second on ${threads} threads\n`,
    );
  }
} finally {
  rmSync(folder, { recursive: true });
}
