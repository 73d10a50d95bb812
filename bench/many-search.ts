/**
 * What many answers cost before any is written: the same blocks in the same process as `recommend --all` and `similar --all`
 * have them, thrown away. bench/many.ts starts it; prints nothing.
 *
 *   node build/bench/many-search.js recommend|similar --root DIR [--k 10] [--threads 2]
 */
import { parseArgs } from 'node:util';
import type { TaskContext } from '#dist/core/contracts.js';
import { requireKind } from '#dist/core/snapshot/kinds.js';
import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
import { openRecommender } from '#dist/core/query/open-recommender.js';
import { countWithNeighbours, openNeighbourRanker } from '#dist/core/query/many/rank-neighbours.js';
import { subjectsAtOnceOf } from '#dist/core/query/many/write-rankings.js';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    root: { type: 'string', default: '.segue' },
    k: { type: 'string', default: '10' },
    threads: { type: 'string', default: '2' },
  },
});
const k = Number(values.k);
const threads = Number(values.threads);
const atOnce = subjectsAtOnceOf(k);
const context: TaskContext = { signal: new AbortController().signal, onProgress: () => {} };
const snapshot = await openForReading(values.root, undefined, context);
if (positionals[0] === 'recommend') await recommendToAll();
else await findAllNeighbours();
snapshot.close();

async function recommendToAll(): Promise<void> {
  const recommender = openRecommender(snapshot, { inMemory: true });
  const numUsers = snapshot.manifest.users?.rows ?? 0;
  const question = await recommender.prepare({ k, includeHeard: false, kind: 'item' }, context);
  const ranker = await question.forRows(await recommender.users({}), { mostUsers: atOnce, threads });
  for (let from = 0; from < numUsers; from += atOnce) {
    const length = Math.min(atOnce, numUsers - from);
    await ranker.rank(Uint32Array.from({ length }, (_, at) => from + at));
  }
  await ranker.close();
  recommender.close();
}

async function findAllNeighbours(): Promise<void> {
  const kind = requireKind(snapshot, 'item');
  const numItems = countWithNeighbours(snapshot, kind);
  const asked = { k, among: undefined, exact: false, threads };
  const ranker = await openNeighbourRanker(snapshot, kind, asked, context);
  for (let from = 0; from < numItems; from += atOnce)
    await ranker.rank(from, Math.min(numItems, from + atOnce));
  await ranker.close();
}
