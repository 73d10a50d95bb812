/** What is near some items, and a sample by which the index is measured: all found in one exact search. */
import type { ItemRecord, TaskContext } from '../contracts.js';
import { sampleRows, seededRandom } from '../numeric/random.js';
import type { RankedRow } from '../numeric/top-k.js';
import { findItemRows } from '../query/find-items.js';
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
 * Exact neighbours. None at all for a model that scores items by themselves. Memory: the vectors. AppErrors: 'item-not-found',
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
  const catalogue = openCatalogue(snapshot.file(snapshotFile.itemStore));
  try {
    const asked = new Set(findItemRows(catalogue, item, numItems));
    const none = { examples: [], sample: { rows: new Uint32Array(), truth: [] } };
    if (scorerOf(snapshot) === 'constant') return none;
    const shown = [...new Set([...asked, ...firstByEvents(events.subarray(0, numItems))])];
    const isIndexed = snapshot.manifest.index !== null && hasVectors(snapshot);
    const drawn = isIndexed ? sampleRows(seededRandom(seed), sampled, numItems) : new Uint32Array();
    const found = await itemNeighbours(
      snapshot,
      { rows: Uint32Array.of(...shown, ...drawn), k, threads, name: snapshot.id },
      context,
    );
    found.close();
    const { lists } = found;
    const truth = lists.slice(shown.length);
    const withNeighbours = (at: number): boolean => (truth[at]?.length ?? 0) > 0;
    return {
      examples: shown.map((row, at) => ({
        item: catalogue.record(trainedKind, row),
        events: events[row] ?? 0,
        isAsked: asked.has(row),
        neighbours: (lists[at] ?? []).map((near) => ({
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
  } finally {
    catalogue.close();
  }
}

/** Rows of a trained snapshot are in this order; those of imported vectors need not be. */
function firstByEvents(events: Uint32Array): number[] {
  const first: number[] = [];
  for (let row = 0; row < events.length; row++) {
    const at = first.findIndex((other) => events[row]! > events[other]!);
    if (at === -1) first.push(row);
    else first.splice(at, 0, row);
    first.length = Math.min(first.length, mostPlayed);
  }
  return first;
}
