/** Nearest neighbours from an inverted file: on disk, of which a query reads only a few lists, or held in memory. */
import { handingOn } from '../closers.js';
import { candidateBytes } from '../compute/kernel-exports.js';
import { layoutOf } from '../compute/workspace.js';
import { fileGap, isSelective, visitRuns } from './among-scan.js';
import { openIvfFiles, type IvfFiles, type IvfPaths } from './ivf-files.js';
import {
  codeBytes,
  ivfLayout,
  mostRowsIn,
  queryBytes,
  searchScratchBytes,
  tileBytes,
  tilesOf,
  wholeGap,
  writeIndexRecord,
  type Probes,
} from './ivf-index.js';
import type { NeighbourSearch } from './neighbour-search.js';
import { openQueryScan, windowRows, type QueryScan } from './query-scan.js';
import type { RowSet } from './row-set.js';
import { onlyThread, type SearchThread, type SearchWays } from './search-thread.js';

export type { IvfPaths };

/** In memory with the vectors, or reading what a query needs. */
export interface IvfSearchOptions extends SearchWays {
  /** What is read for a query that asks for k of all rows; more where that holds fewer than k that are wanted. */
  readonly probes: (k: number) => Probes;
  /** The largest k that will be asked for. */
  readonly maxK: number;
}

/** Puts the best k of the lists that are read into the scan's heap. */
type ListSearch = (probes: Probes, k: number) => void;

/**
 * Similarities have the bits that the exact search gives, and of the lists that are read no row is missed: codes only say
 * which vectors are compared. A filter that leaves few rows is answered exactly. AppError 'damaged-snapshot' where the
 * files do not fit together, 'too-large' where they are to be kept and pass 4 GiB.
 */
export function openIvfSearch(paths: IvfPaths, options: IvfSearchOptions): NeighbourSearch {
  return handingOn(openIvfFiles(paths), (files) => searchIn(files, options));
}

function searchIn(files: IvfFiles, options: IvfSearchOptions): NeighbourSearch {
  const { vectors, shape } = files;
  const { numRows, dim } = vectors;
  const { numLists, numListed, paddedDim } = shape;
  const { probes, inMemory, thread = onlyThread } = options;
  const { scan, searchLists } = inMemory
    ? searchInMemory(files, options, thread)
    : searchInFiles(files, options, thread);
  const { workspace, query } = scan;
  const { kernels } = workspace;

  /** Compares with every row of a filter, straight from the vectors. */
  const offerAll = (among: RowSet): void => {
    visitRuns(among, inMemory ? 16 : fileGap(dim), scan.rowsAtOnce, (from, to) => {
      thread.checkAbort();
      if (!inMemory) readUnitRows(files, scan, from, to);
      scan.offer(to - from, inMemory ? 0 : from, 0, inMemory ? from : 0);
    });
  };

  return {
    numRows,
    dim,
    vectorOf(row) {
      vectors.readRowsInto(workspace, query, [row]);
      kernels.unitRows(0, 1, query, paddedDim);
      return workspace.f32(query, dim).slice();
    },
    best(vector, k, leaveOut, among) {
      const left = scan.begin(vector, k, leaveOut, among);
      const count = Math.min(k, numRows);
      if (count === 0 || numLists === 0 || Number.isNaN(vector[0])) return [];
      if (among !== undefined && isSelective(among)) {
        offerAll(among);
        return scan.ranked();
      }
      const wanted = Math.min(k, left, numListed);
      // The best k of a share of the rows are about the best k ÷ share of all.
      let { gap, lists } = probes(among === undefined ? k : Math.ceil((k * numRows) / among.count));
      for (;;) {
        thread.checkAbort();
        lists = Math.min(lists, numLists);
        searchLists({ gap, lists }, count);
        const ranked = scan.ranked();
        // Where the lists hold too few rows that are wanted, twice as many are read: k exist, so k are found.
        if (ranked.length >= wanted || (lists === numLists && gap === wholeGap)) return ranked;
        gap = wholeGap;
        lists *= 2;
      }
    },
    close: () => files.close(),
  };
}

interface Opened {
  readonly scan: QueryScan;
  readonly searchLists: ListSearch;
}

/** What the scan of an inverted file holds besides vectors, and where. */
function scanOf({ vectors, shape }: IvfFiles, { maxK, inMemory }: IvfSearchOptions, thread: SearchThread) {
  const { path, numRows, dim } = vectors;
  const name = `inverted file of ${path}`;
  return { numRows, dim, maxK, inMemory, thread, name, held: ivfLayout(shape, inMemory) };
}

/** All in one kernel. */
function searchInMemory(files: IvfFiles, options: IvfSearchOptions, thread: SearchThread): Opened {
  const { vectors, shape } = files;
  const { numLists, numListed, paddedDim } = shape;
  const scan = openQueryScan({
    ...scanOf(files, options, thread),
    own: layoutOf({ scratch: searchScratchBytes(shape, numLists, mostFound(files, options), numListed) }),
    fill(workspace, window, at) {
      const index = { ...shape, ...at };
      writeIndexRecord(workspace, index, window);
      files.readHeadInto(workspace, index);
      files.readTilesInto(workspace, index.rowTiles, 0, numListed);
      files.readRowsInto(workspace, index.rows, 0, numListed);
      vectors.readAllInto(workspace, window);
      workspace.kernels.unitRows(0, vectors.numRows, window, paddedDim);
    },
  });
  const { query, skip, heap } = scan;
  const { kernels } = scan.workspace;
  const { record } = scan.held;
  return {
    scan,
    searchLists({ gap, lists }, k) {
      kernels.searchRows(0, 1, query, record, gap, lists, k, skip, heap, scan.own.scratch);
    },
  };
}

function mostFound({ vectors }: IvfFiles, { maxK }: IvfSearchOptions): number {
  return Math.max(1, Math.min(maxK, vectors.numRows));
}

function fileLayout({ shape, offsets }: IvfFiles, most: number, rowsAtOnce: number) {
  const { numRegions, numLists, numListed, paddedDim } = shape;
  const longest = mostRowsIn(offsets, 1);
  return layoutOf({
    codes: queryBytes(paddedDim),
    scores: 8 * (numRegions + 7),
    nearest: 8 * numLists,
    lower: 8 * most,
    counts: 8,
    // A list begins and ends within a tile.
    tiles: codeBytes(longest, paddedDim) + tileBytes(paddedDim),
    rows: 4 * longest,
    // Memory that is never touched takes none.
    candidates: candidateBytes * numListed,
    names: 4 * rowsAtOnce,
  });
}

/** The same, list by list as they are read; then the vectors of the candidates. */
function searchInFiles(files: IvfFiles, options: IvfSearchOptions, thread: SearchThread): Opened {
  const { offsets, shape, vectors } = files;
  const scan = openQueryScan({
    ...scanOf(files, options, thread),
    own: fileLayout(files, mostFound(files, options), windowRows(vectors.dim)),
    fill(workspace, _, at) {
      const index = { ...shape, ...at };
      writeIndexRecord(workspace, index, 0);
      files.readHeadInto(workspace, index);
    },
  });
  const { workspace, query, skip, heap, window, paddedDim, rowsAtOnce, own: at } = scan;
  const { kernels } = workspace;
  const { record } = scan.held;

  const offerVectors = (rows: readonly number[]): void => {
    for (let from = 0; from < rows.length; from += rowsAtOnce) {
      thread.checkAbort();
      const some = rows.slice(from, from + rowsAtOnce);
      workspace.u32(at.names, some.length).set(some);
      vectors.readRowsInto(workspace, window, some);
      kernels.unitRows(0, some.length, window, paddedDim);
      scan.offer(some.length, 0, at.names);
    }
  };

  const searchLists: ListSearch = ({ gap, lists }, k) => {
    kernels.encodeQuery(query, paddedDim, at.codes);
    kernels.nearestLists(at.codes, record, gap, lists, at.scores, at.nearest);
    kernels.clearHeap(at.lower, k);
    const nearest = workspace.u32(at.nearest, 2 * lists);
    const bases = workspace.f32(at.nearest, 2 * lists);
    let count = 0;
    for (let j = 0; j < lists; j++) {
      const list = nearest[2 * j + 1]!;
      if (list >= offsets.length - 1) break;
      thread.checkAbort();
      const [from, to] = [offsets[list]!, offsets[list + 1]!];
      files.readTilesInto(workspace, at.tiles, from, to);
      files.readRowsInto(workspace, at.rows, from, to);
      // Where the tiles and the rows of position 0 would stand.
      const tiles = at.tiles - tilesOf(from, to)[0] * tileBytes(paddedDim);
      const args = [record, bases[2 * j]!, tiles, at.rows - 4 * from, skip, k] as const;
      count = kernels.scanList(list, at.codes, ...args, at.lower, at.candidates, count);
    }
    kernels.sortCandidates(at.candidates, count, workspace.f32(at.lower, 1)[0]!, at.counts);
    const [sure = 0, all = 0] = workspace.u32(at.counts, 2);
    const rows = workspace.u32(at.candidates, 4 * all);
    const uppers = workspace.f32(at.candidates, 4 * all);
    kernels.clearHeap(heap, k);
    offerVectors(Array.from({ length: sure }, (_, c) => rows[4 * c + 2]!));
    const floor = workspace.f32(heap, 1)[0]!;
    const others: number[] = [];
    for (let c = sure; c < all; c++) if (uppers[4 * c]! >= floor) others.push(rows[4 * c + 2]!);
    offerVectors(others);
  };
  return { scan, searchLists };
}

function readUnitRows({ vectors }: IvfFiles, scan: QueryScan, from: number, to: number): void {
  vectors.readRangeInto(scan.workspace, scan.window, from, to);
  scan.workspace.kernels.unitRows(0, to - from, scan.window, scan.paddedDim);
}
