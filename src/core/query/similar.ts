/** `segue similar`: the items nearest to an item, or to what several items make together, by cosine. */
import type { ItemRecord, TaskContext } from '../contracts.js';
import { isSelective } from '../search/among-scan.js';
import { bestCapped } from '../search/capped-ranking.js';
import type { RankedRow } from '../numeric/top-k.js';
import { artistCap } from './artists-of-rows.js';
import { requireKind, type Kind } from '../snapshot/kinds.js';
import { snapshotFile, trainedKind } from '../snapshot/layout.js';
import { warnOfUnreadIndex, type SearchMethod } from './open-item-search.js';
import { openKindSearch } from './open-kind-search.js';
import { openForReading } from '../snapshot/open-snapshot.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { openCatalogue } from '../store/catalogue.js';
import type { VectorOwner } from './owned-vector.js';
import { selectRows, type Filtered, type SelectionOptions } from './filters/selection.js';
import { openSimilarQuery, requireQuestion, type SimilarQueryOptions } from './similar-query.js';

export interface SimilarOptions extends SimilarQueryOptions, SelectionOptions {
  readonly root: string;
  readonly snapshot?: string | undefined;
  readonly k: number;
  /** Kind of thing to look among. */
  readonly kind: string;
  /** Compare with every item, even where an index would be faster. */
  readonly exact: boolean;
  /** Most answers by one artist. */
  readonly maxPerArtist?: number | undefined;
}

export type SimilarItem = ItemRecord & { readonly rank: number; readonly similarity: number };

export interface SimilarResult {
  readonly snapshot: string;
  /** What was looked among, where that is not items. */
  readonly kind?: Kind;
  /** What is no item says of which `kind` it is. */
  readonly query: readonly ItemRecord[];
  readonly minus: readonly ItemRecord[];
  /** Of everything that was added up and taken away, in that order, where any were given. */
  readonly weights?: readonly number[];
  /** Whose vector was added, where one was given. */
  readonly vector?: VectorOwner;
  /** Where filters were given: how many items they leave. */
  readonly filtered?: Filtered;
  /** The nearest first; at equal similarity the item with more events. Fewer than k only where fewer are left. */
  readonly neighbours: readonly SimilarItem[];
  readonly search: SearchMethod;
}

/** What was asked about is not among the answers; that it is by an artist, or on an album, puts those nowhere. */
export async function similar(options: SimilarOptions, context: TaskContext): Promise<SimilarResult> {
  requireQuestion(options);
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
    const kind = requireKind(snapshot, options.kind);
    const { k, maxPerArtist, weights, exact } = options;
    const catalogue = keep(openCatalogue(snapshot.file(snapshotFile.itemStore)));
    const ways = { maxK: maxPerArtist === undefined ? k : Infinity, exact, inMemory: false };
    const { search, searched } = await openKindSearch(snapshot, kind, ways);
    keep(search);
    if (kind.name === trainedKind && !exact) warnOfUnreadIndex(snapshot, context);
    const query = await openSimilarQuery(snapshot, catalogue, kind, search, options, context);
    const { plus, minus, owner, direction, asked } = query;
    const selection = await selectRows(snapshot, kind.name, catalogue, search.numRows, options, context);
    const { among, leaveOut, filtered } = selection;
    const best = (count: number, out: Iterable<number>): readonly RankedRow[] =>
      search.best(direction, count, out, among);
    const cap = await artistCap(snapshot, kind, maxPerArtist, search.numRows);
    const out = [...asked, ...leaveOut];
    const ranked = cap === undefined ? best(k, out) : bestCapped(best, k, out, cap);
    selection.explainShortage(ranked.length, k, asked, 'asked about');
    return {
      snapshot: snapshot.id,
      ...(kind.name === trainedKind ? {} : { kind: kind.name }),
      query: plus,
      minus,
      ...(weights === undefined ? {} : { weights }),
      ...(owner === undefined ? {} : { vector: owner }),
      ...(filtered && { filtered }),
      neighbours: ranked.map(({ row, score }, at) => ({
        rank: at + 1,
        ...catalogue.record(kind.name, row),
        similarity: score,
      })),
      // Where filters leave little, all of it is compared with, index or not.
      search: among !== undefined && isSelective(among) ? { method: 'exact' } : searched,
    };
  } finally {
    for (const part of opened.reverse()) part.close();
  }
}
