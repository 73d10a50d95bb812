/** The nearest items of many items at a time: as `similar` finds them for each alone, to the bit. */
import { closing } from '../../closers.js';
import type { TaskContext } from '../../contracts.js';
import { abortError } from '../../errors.js';
import { inOwnPool } from '../../compute/pool.js';
import { allocatedBytes } from '../../compute/workspace.js';
import { normalise } from '../../search/exact-batch.js';
import { openItemItemSearch } from '../../search/item-item-search.js';
import { openIvfBatch } from '../../search/ivf-batch.js';
import type { Probes } from '../../search/ivf-index.js';
import { openProductScan, productScanBytes, productScanScratchBytes } from '../../search/product-scan.js';
import { emptyBatch, packRanking, rankingOf, type RankedBatch } from '../../search/ranked-batch.js';
import type { RowSet } from '../../search/row-set.js';
import { isItemItem, itemItemFiles, openItemItem } from '../../snapshot/item-item.js';
import type { FoundKind } from '../../snapshot/kinds.js';
import { indexFiles, snapshotFile, trainedKind, type SingleFile } from '../../snapshot/layout.js';
import { probesOf } from '../../snapshot/index-probes.js';
import type { IndexSection } from '../../snapshot/manifest.js';
import { ivfPaths } from '../../snapshot/open-index.js';
import { methodOf, payingIndex, warnOfUnreadIndex, type SearchMethod } from '../open-item-search.js';
import type { OpenSnapshot } from '../../snapshot/open-snapshot.js';
import { requireNeighbours } from '../../snapshot/scorer.js';
import { openVectorFile, vectorBytes } from '../../compute/vector-file.js';
import type { ModelSource } from '../model-source.js';

export interface NeighbourRanker {
  readonly searched: SearchMethod;
  /** How many calls of `rank` may be under way at a time: 1 where it is not said. */
  readonly ranksAhead?: (() => number) | undefined;
  /** The nearest of the items from … to − 1, none of an item whose vector is zero: in memory of its own. */
  rank(from: number, to: number): Promise<RankedBatch>;
  close(): Promise<void>;
}

export interface NeighbourRankerOptions {
  readonly k: number;
  /** The only items that may be found; undefined: all. */
  readonly among: RowSet | undefined;
  /** Compare with every item, even where an index would be faster. */
  readonly exact: boolean;
  readonly threads: number;
}

/** What opens a ranker: on this machine, or elsewhere. */
export type OpenNeighbourRanker = (
  snapshot: OpenSnapshot,
  kind: FoundKind,
  options: NeighbourRankerOptions,
  context: TaskContext,
) => Promise<NeighbourRanker>;

/** How many entities of a kind have neighbours. AppError 'missing-part' for a model without neighbours. */
export function countWithNeighbours(snapshot: OpenSnapshot, kind: FoundKind): number {
  requireNeighbours(snapshot);
  if (isItemItem(snapshot)) return closing(openItemItem(snapshot), ({ numItems }) => numItems);
  const path = snapshot.file(kind.vectors);
  const file = openVectorFile(path);
  file.close();
  return file.numRows;
}

/** How the neighbours of a kind are found, and the files that it reads. AppError 'missing-part' for a model without neighbours. */
export function wayToNeighbours(
  snapshot: ModelSource,
  kind: FoundKind,
  { k, exact }: Pick<NeighbourRankerOptions, 'k' | 'exact'>,
): { readonly searched: SearchMethod; readonly files: readonly SingleFile[] } {
  requireNeighbours(snapshot);
  if (isItemItem(snapshot)) return { searched: { method: 'exact' }, files: itemItemFiles(snapshot) };
  const index = indexFor(snapshot, kind, exact);
  if (index === null) return { searched: { method: 'exact' }, files: [kind.vectors] };
  const files = [snapshotFile.itemVectors, ...Object.values(indexFiles)];
  return { searched: methodOf(index, probesOf(index, k)), files };
}

function indexFor(snapshot: ModelSource, kind: FoundKind, exact: boolean): IndexSection | null {
  return kind.name === trainedKind && !exact ? payingIndex(snapshot) : null;
}

/** Close it before the snapshot. AppErrors 'missing-part' for a model without neighbours, 'too-large'. */
export async function openNeighbourRanker(
  snapshot: ModelSource,
  kind: FoundKind,
  options: NeighbourRankerOptions,
  context: TaskContext,
): Promise<NeighbourRanker> {
  const { searched } = wayToNeighbours(snapshot, kind, options);
  if (isItemItem(snapshot)) return { searched, ...rankByRows(snapshot, options, context) };
  const index = indexFor(snapshot, kind, options.exact);
  if (index !== null) return { searched, ...(await rankByIndex(snapshot, index, options, context)) };
  if (kind.name === trainedKind && !options.exact) warnOfUnreadIndex(snapshot, context);
  return { searched, ...(await rankByCosine(snapshot.file(kind.vectors), options, context)) };
}

/** What ranks, however it does. */
type Ranking = Omit<NeighbourRanker, 'searched'>;

async function rankByIndex(
  snapshot: ModelSource,
  index: IndexSection,
  options: NeighbourRankerOptions,
  { signal }: TaskContext,
): Promise<Ranking> {
  const paths = ivfPaths((name) => snapshot.file(name));
  const probes = (k: number): Probes => probesOf(index, k);
  const neighbours = await openIvfBatch(paths, { ...options, signal, probes });
  const { numRows, mostRows } = neighbours;
  return {
    async rank(from, to) {
      if (to - from <= mostRows) return neighbours.nearest(from, to);
      const packed = emptyBatch(to - from, Math.min(options.k, numRows));
      for (let first = from; first < to; first += mostRows) {
        const batch = await neighbours.nearest(first, Math.min(to, first + mostRows));
        for (let q = 0; q < batch.numQueries; q++) packRanking(packed, first - from + q, rankingOf(batch, q));
      }
      return packed;
    },
    close: () => neighbours.close(),
  };
}

/** Cosines are inner products of unit vectors: the scan that recommends finds the same rows with the same bits as any other. */
async function rankByCosine(
  path: string,
  { k, among, threads }: NeighbourRankerOptions,
  { signal }: TaskContext,
): Promise<Ranking> {
  return closing(openVectorFile(path), async (file) => {
    const { numRows, dim, paddedDim } = file;
    const workspaceBytes = allocatedBytes(vectorBytes(numRows, dim)) + productScanBytes(numRows, paddedDim);
    const scratchBytes = productScanScratchBytes(paddedDim);
    return inOwnPool({ threads, workspaceBytes, scratchBytes, signal }, async (pool) => {
      const { workspace } = pool;
      const matrix = { numRows, paddedDim, address: workspace.allocate(vectorBytes(numRows, dim)) };
      file.readAllInto(workspace, matrix.address);
      await normalise(pool, matrix);
      const scan = await openProductScan(pool, matrix);
      return {
        rank(from, to) {
          const queries = { address: matrix.address + vectorBytes(from, dim), numRows: to - from, paddedDim };
          return scan.best(queries, k, { leaveOut: (q) => Uint32Array.of(from + q), among });
        },
      };
    });
  });
}

/** Rows between which others get their turn. */
const rowsAtOnce = 256;

/** An item whose row is zero throughout is like no other. */
function rankByRows(
  snapshot: ModelSource,
  { k, among }: NeighbourRankerOptions,
  { signal }: TaskContext,
): Ranking {
  const search = openItemItemSearch(openItemItem(snapshot), k);
  const { numItems } = search;
  return {
    async rank(from, to) {
      const packed = emptyBatch(to - from, Math.min(k, numItems));
      for (let row = from; row < to; row++) {
        if ((row - from) % rowsAtOnce === 0) {
          await new Promise((resolve) => setImmediate(resolve));
          if (signal.aborted) throw abortError(signal);
        }
        if (!search.isBlank(row)) packRanking(packed, row - from, search.near([row], [1], k, [row], among));
      }
      return packed;
    },
    close() {
      search.close();
      return Promise.resolve();
    },
  };
}
