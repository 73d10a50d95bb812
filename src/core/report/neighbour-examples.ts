/** What is near some items, and a sample by which the index is measured: all found in one exact search. */
import { keeping } from '../closers.js';
import type { ItemRecord, TaskContext } from '../contracts.js';
import { sampleRows, seededRandom } from '../numeric/random.js';
import type { RankedRow } from '../numeric/top-k.js';
import { findItemRows } from '../query/find-items.js';
import { openNeighbours } from '../query/open-neighbours.js';
import { rankScores } from '../search/score-ranking.js';
import { itemNeighbours } from '../query/item-neighbours.js';
import { snapshotFile, trainedKind } from '../snapshot/layout.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { hasVectors, scorerOf } from '../snapshot/scorer.js';
import { openCatalogue } from '../store/catalogue.js';

export interface NeighbourExample {
  readonly item: ItemRecord;
  readonly events: number;
  /** Whether it was asked for, and is not here for being played most. */
  readonly isAsked: boolean;
  /** Nearest first; empty for an item without direction. */
  readonly neighbours: readonly (ItemRecord & { readonly similarity: number; readonly events: number })[];
}

export interface NeighbourExamples {
  readonly examples: readonly NeighbourExample[];
  /** Rows with neighbours, and the ten nearest of each; without rows where there is no index to measure. */
  readonly sample: { readonly rows: Uint32Array; readonly truth: readonly (readonly RankedRow[])[] };
}

/** Neighbours that are shown and looked for. */
const k = 10;
/** Most played items that are shown. */
const mostPlayed = 12;
/** Items that an index is measured with. */
const sampled = 200;
const seed = 42;

export interface ExamplesOptions {
  /** Ids or names. */
  readonly item: readonly string[];
  readonly threads: number;
}

/**
 * Exact neighbours, as `similar` has them. None at all for a model that scores items by themselves. Memory: the vectors. AppErrors: 'item-not-found',
 * 'item-ambiguous', 'item-without-vector', 'too-large' past 4 GiB of vectors.
 * @param events [numItems or more] of each item
 */
export async function neighbourExamples(
  snapshot: OpenSnapshot,
  events: Uint32Array,
  { item, threads }: ExamplesOptions,
  context: TaskContext,
): Promise<NeighbourExamples> {
  const numItems = snapshot.manifest.inputs.interactions.items;
  return keeping(async (opened) => {
    const catalogue = opened.keep(openCatalogue(snapshot.file(snapshotFile.itemStore)));
    const asked = new Set(findItemRows(catalogue, item, numItems));
    const none = { examples: [], sample: { rows: new Uint32Array(), truth: [] } };
    if (scorerOf(snapshot) === 'constant') return none;
    const byEvents = rankScores(events.subarray(0, numItems)).slice(0, mostPlayed);
    const shown = [...new Set([...asked, ...byEvents.map(({ row }) => row)])];
    const neighbours = opened.keep(openNeighbours(snapshot, { inMemory: true }));
    const nearest = await neighbours.nearestItems(true, {}, context);
    const isIndexed = snapshot.manifest.index !== null && hasVectors(snapshot);
    const drawn = isIndexed ? sampleRows(seededRandom(seed), sampled, numItems) : new Uint32Array();
    const found = await itemNeighbours(snapshot, { rows: drawn, k, threads, name: snapshot.id }, context);
    found.close();
    const { lists: truth } = found;
    const withNeighbours = (at: number): boolean => (truth[at]?.length ?? 0) > 0;
    return {
      examples: shown.map((row) => ({
        item: catalogue.record(trainedKind, row),
        events: events[row] ?? 0,
        isAsked: asked.has(row),
        neighbours: nearest(row, k).map((near) => ({
          ...catalogue.record(trainedKind, near.row),
          similarity: near.score,
          events: events[near.row] ?? 0,
        })),
      })),
      sample: {
        rows: drawn.filter((_, at) => withNeighbours(at)),
        truth: truth.filter((_, at) => withNeighbours(at)),
      },
    };
  });
}
