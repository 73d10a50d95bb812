/** `segue similar`: the items nearest to an item, or to what several items make together, by cosine. */
import type { ItemRecord, TaskContext } from '../contracts.js';
import { AppError } from '../errors.js';
import { isSelective } from '../index/among-scan.js';
import type { NeighbourSearch } from '../index/neighbour-search.js';
import { findItemRows } from '../snapshot/find-items.js';
import { requireKind } from '../snapshot/kinds.js';
import { snapshotFile, trainedKind } from '../snapshot/layout.js';
import { openItemSearch, type SearchMethod } from '../snapshot/open-item-search.js';
import { openForReading } from '../snapshot/open-snapshot.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { openCatalogue } from '../store/catalogue.js';
import { selectRows, type Filtered, type SelectionOptions } from './selection.js';

export interface SimilarOptions extends SelectionOptions {
  readonly root: string;
  readonly snapshot?: string | undefined;
  /** Added up, each as a vector of length 1. At least one. */
  readonly items: readonly string[];
  /** Taken away, likewise. */
  readonly minus: readonly string[];
  readonly k: number;
  /** Kind of thing to look among. */
  readonly kind: string;
  /** Compare with every item, even where an index would be faster. */
  readonly exact: boolean;
}

export type SimilarItem = ItemRecord & { readonly rank: number; readonly similarity: number };

export interface SimilarResult {
  readonly snapshot: string;
  readonly query: readonly ItemRecord[];
  readonly minus: readonly ItemRecord[];
  /** Where filters were given: how many items they leave. */
  readonly filtered?: Filtered;
  /** The nearest first; at equal similarity the item with more events. Fewer than k only where fewer are left. */
  readonly neighbours: readonly SimilarItem[];
  readonly search: SearchMethod;
}

/** The items that were asked about are not among the answers. */
export async function similar(options: SimilarOptions, context: TaskContext): Promise<SimilarResult> {
  if (options.items.length === 0) throw new AppError('bad-usage', 'no item is named');
  const snapshot = await openForReading(options.root, options.snapshot, context);
  try {
    return await similarIn(snapshot, options, context);
  } finally {
    snapshot.close();
  }
}

/** The same in a snapshot that is open, which stays open. */
export async function similarIn(
  snapshot: OpenSnapshot,
  options: Omit<SimilarOptions, 'root' | 'snapshot'>,
  context: TaskContext,
): Promise<SimilarResult> {
  const opened: { close(): void }[] = [];
  const keep = <T extends { close(): void }>(part: T): T => {
    opened.push(part);
    return part;
  };
  try {
    requireKind(snapshot, options.kind);
    const catalogue = keep(openCatalogue(snapshot.file(snapshotFile.itemStore)));
    const ways = { maxK: options.k, exact: options.exact, inMemory: false };
    const { search, searched } = await openItemSearch(snapshot, ways);
    keep(search);
    const plus = findItemRows(catalogue, options.items, search.numRows);
    const minus = findItemRows(catalogue, options.minus, search.numRows);
    const record = (row: number): ItemRecord => catalogue.record(trainedKind, row);
    const direction = combine(search, plus, minus, record);
    const selection = await selectRows(snapshot, options.kind, catalogue, search.numRows, options, context);
    const { among, leaveOut, filtered } = selection;
    const neighbours = search
      .best(direction, options.k, [...plus, ...minus, ...leaveOut], among)
      .map(({ row, score }, at) => ({ rank: at + 1, ...record(row), similarity: score }));
    selection.explainShortage(neighbours.length, options.k, [...plus, ...minus], 'asked about');
    return {
      snapshot: snapshot.id,
      query: plus.map(record),
      minus: minus.map(record),
      ...(filtered && { filtered }),
      neighbours,
      // Where filters leave little, all of it is compared with, index or not.
      search: among !== undefined && isSelective(among) ? { method: 'exact' } : searched,
    };
  } finally {
    for (const part of opened.reverse()) part.close();
  }
}

/**
 * The direction of the sum of unit vectors, less those taken away: every item counts the same, however often it was
 * played. One item's direction is its own unit vector, to the bit.
 */
function combine(
  search: NeighbourSearch,
  plus: readonly number[],
  minus: readonly number[],
  record: (row: number) => ItemRecord,
): Float32Array {
  const unit = (row: number): Float32Array => {
    const vector = search.vectorOf(row);
    if (!Number.isNaN(vector[0])) return vector;
    const { id, name } = record(row);
    throw new AppError(
      'item-without-vector',
      `nobody liked "${name}": its vector is zero and points nowhere`,
      {
        suggestions: ['name another item'],
        details: { id },
      },
    );
  };
  if (plus.length === 1 && minus.length === 0) return unit(plus[0]!);
  const sum = new Float64Array(search.dim);
  for (const row of plus) unit(row).forEach((x, f) => (sum[f]! += x));
  for (const row of minus) unit(row).forEach((x, f) => (sum[f]! -= x));
  const length = Math.sqrt(sum.reduce((squares, x) => squares + x * x, 0));
  // Less than what rounding the unit vectors to f32 leaves of equal ones.
  if (length < 1e-6 * (plus.length + minus.length)) {
    throw new AppError(
      'bad-usage',
      'what is taken away leaves nothing of the items named: there is no direction',
      {
        suggestions: ['take away fewer items, or others'],
      },
    );
  }
  return Float32Array.from(sum, (x) => x / length);
}
