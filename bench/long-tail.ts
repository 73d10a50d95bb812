/**
 * How few events make a neighbour worth showing: als learns from 80 % of each user's pairs; of the rest, every item of a user is
 * asked for its 20 nearest, and whatever else of the same user is among them is a hit. For each threshold N, items of fewer than N events
 * are neighbours of none.
 *
 *   node build/bench/long-tail.js plays.csv [--columns user=…,item=…] [--model als] [--threads 2]
 *
 * Prints, by N: items of at least N events; of the 50 items of most events those whose first neighbour has 1 event, and at
 * most 5; the hit rate (of the pairs of a user's held-out items, the share of which one is among the 20 nearest of the
 * other) of all items, of the 10 % of items with most events, and of the others.
 */
import { parseArgs } from 'node:util';
import { readInteractions } from '#dist/core/events/read-events.js';
import { findModel, resolveOptions } from '#dist/core/models/all-models.js';
import { modelNames } from '#dist/core/models/model.js';
import { holdOut } from '#dist/core/numeric/split-pairs.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    columns: { type: 'string' },
    model: { type: 'string', default: 'als' },
    threads: { type: 'string', default: '2' },
    seed: { type: 'string', default: '42' },
  },
});
const [file] = positionals;
if (file === undefined) throw new Error('name a file of events');
const context = { signal: new AbortController().signal, onProgress: () => undefined };
const thresholds = [0, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30];
const [k, askedOfUser, share] = [20, 10, 0.2];

const options = { columns: values.columns, skipBadRows: false, minUserItems: 1, minItemUsers: 1 };
const { interactions } = await readInteractions({
  files: [file],
  ...options,
  threads: Number(values.threads),
  ordered: true,
  ...context,
});
const seed = Number(values.seed);
const { train, test } = holdOut(interactions.pairs, share, seed);
const model = findModel(modelNames.find((name) => name === values.model) ?? 'als');
const { sequences } = interactions;
const fitted = await model
  .plan({ pairs: train, sequences }, resolveOptions(model, {}), seed)
  .fit({ threads: Number(values.threads), clock: () => performance.now() / 1000, context });
const vectors = fitted.itemVectors();
if (vectors === undefined) throw new Error(`${values.model} has no vectors`);
const { numItems } = train;
const { dim, stride } = vectors;
const units = Float32Array.from(vectors.values);
for (let row = 0; row < numItems; row++) {
  const unit = units.subarray(row * stride, row * stride + dim);
  const length = Math.sqrt(unit.reduce((sum, x) => sum + x * x, 0));
  unit.forEach((x, f) => (unit[f] = x / length));
}
const events = new Float64Array(numItems);
train.item.forEach((item, p) => (events[item] = (events[item] ?? 0) + (train.count[p] ?? 0)));
const byEvents = [...events.keys()].sort((a, b) => (events[b] ?? 0) - (events[a] ?? 0) || a - b);
const head = new Set(byEvents.slice(0, Math.ceil(numItems / 10)));

/** By place of the threshold the k nearest items of as many events, the nearest first. */
function nearest(query: number): number[][] {
  const unit = units.subarray(query * stride, query * stride + dim);
  const scores = new Float64Array(numItems);
  const best: number[][] = thresholds.map(() => []);
  for (let row = 0; row < numItems; row++) {
    const count = events[row] ?? 0;
    if (row === query || count === 0) continue;
    let sum = 0;
    for (let f = 0, at = row * stride; f < dim; f++, at++) sum += (unit[f] ?? 0) * (units[at] ?? 0);
    if (Number.isNaN(sum)) continue;
    scores[row] = sum;
    for (let t = 0; t < thresholds.length && (thresholds[t] ?? 0) <= count; t++) {
      const list = best[t] ?? [];
      if (list.length === k && sum <= (scores[list[k - 1] ?? 0] ?? 0)) continue;
      let at = list.length;
      while (at > 0 && (scores[list[at - 1] ?? 0] ?? 0) < sum) at--;
      list.splice(at, 0, row);
      if (list.length > k) list.pop();
    }
  }
  return best;
}

/** By query the items that are to be found, of each user anew. */
const wanted = new Map<number, number[][]>();
for (let u = 0; u < test.numUsers; u++) {
  const items = test.item.subarray(
    test.indptr[u],
    Math.min(test.indptr[u + 1] ?? 0, (test.indptr[u] ?? 0) + askedOfUser),
  );
  if (items.length < 2) continue;
  for (const item of items) {
    const known = wanted.get(item) ?? [];
    known.push([...items].filter((other) => other !== item));
    wanted.set(item, known);
  }
}
// Queries are sampled where there are many, evenly over items as they are asked.
const most = 3000;
const queries = [...wanted.keys()].filter((item) => (events[item] ?? 0) > 0).sort((a, b) => a - b);
const every = Math.max(1, Math.ceil(queries.length / most));
const table = thresholds.map((n) => ({ n, first1: 0, first5: 0, hits: [0, 0], pairs: [0, 0] }));
for (const item of byEvents.slice(0, 50)) {
  const ranked = nearest(item);
  for (const [t, row] of table.entries()) {
    const first = events[ranked[t]?.[0] ?? 0] ?? 0;
    if (first <= 1) row.first1++;
    if (first <= 5) row.first5++;
  }
}
queries.forEach((item, at) => {
  if (at % every !== 0) return;
  const ranked = nearest(item);
  const part = head.has(item) ? 0 : 1;
  for (const [t, row] of table.entries()) {
    const found = new Set(ranked[t]);
    for (const others of wanted.get(item) ?? []) {
      row.pairs[part] = (row.pairs[part] ?? 0) + others.length;
      row.hits[part] = (row.hits[part] ?? 0) + others.filter((other) => found.has(other)).length;
    }
  }
});
await fitted.close();
const percent = (of: number, all: number): string => `${((100 * of) / all).toFixed(2)} %`;
console.log(`${file}: ${train.numUsers} users, ${numItems} items, ${train.item.length} pairs`);
console.log('N | items | first has 1 | first has <= 5 | hits@20 | of the head | of the others');
for (const { n, first1, first5, hits, pairs } of table) {
  const items = events.reduce((count, x) => count + (x >= Math.max(1, n) ? 1 : 0), 0);
  const [a = 0, b = 0] = hits;
  const [c = 0, d = 0] = pairs;
  const shares = [percent(a + b, c + d), percent(a, c), percent(b, d)];
  console.log([n, items, percent(first1, 50), percent(first5, 50), ...shares].join(' | '));
}
