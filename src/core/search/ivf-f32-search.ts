/** Nearest neighbours from an inverted file on disk: reads the centroids once, and for a query only a few lists. */
import { allocatedBytes } from '../compute/workspace.js';
import { AppError } from '../errors.js';
import { openNpy, readNpy, type NpyFile } from '../files/npy.js';
import { rankHeap } from '../numeric/top-k.js';
import { openVectorFile, vectorBytes, type VectorFile } from '../compute/vector-file.js';
import { fileGap, isSelective, visitRuns } from './among-scan.js';
import type { NeighbourSearch } from './neighbour-search.js';
import type { RowSet } from './row-set.js';
import { openQueryScan, windowRows } from './query-scan.js';

/** Paths of the files that hold an inverted file (see ivf-build.ts), and the vectors that it was built from. */
export interface IvfPaths {
  readonly vectors: string;
  readonly centroids: string;
  readonly lists: string;
  readonly rows: string;
  readonly offsets: string;
}

export interface IvfSearchOptions {
  /** Lists that a query reads; more where they hold fewer than k rows. */
  readonly probes: number;
  /** The largest k that will be asked for. */
  readonly maxK: number;
}

interface OpenFiles {
  readonly vectors: VectorFile;
  readonly centroids: VectorFile;
  readonly lists: VectorFile;
  readonly rows: NpyFile<'<u4'>;
  /** [numLists + 1]. */
  readonly offsets: Uint32Array;
  close(): void;
}

/**
 * Similarities have the bits that the exact search gives; a filter that leaves few rows is answered exactly. AppError 'damaged-snapshot' where the files do not fit
 * together.
 */
export function openIvfSearch(paths: IvfPaths, options: IvfSearchOptions): NeighbourSearch {
  const files = openFiles(paths);
  try {
    return searchIn(files, options);
  } catch (error) {
    files.close();
    throw error;
  }
}

function searchIn(files: OpenFiles, { probes, maxK }: IvfSearchOptions): NeighbourSearch {
  const { vectors, centroids, lists, rows, offsets } = files;
  const { numRows, dim } = vectors;
  const numLists = centroids.numRows;
  const rowsAtOnce = Math.max(1, Math.min(lists.numRows, windowRows(dim)));
  const sizes = [vectorBytes(numLists, dim), 8 * numLists, 4 * rowsAtOnce];
  const moreBytes = sizes.reduce((sum, bytes) => sum + allocatedBytes(bytes), 0);
  const scan = openQueryScan({ numRows, dim, maxK, windowRows: rowsAtOnce, moreBytes });
  const { workspace, paddedDim, query } = scan;
  const { kernels } = workspace;
  const [centroidsAt = 0, nearest = 0, names = 0] = sizes.map((bytes) => workspace.allocate(bytes));
  centroids.readAllInto(workspace, centroidsAt);

  /** The `count` lists whose centroids are nearest to the query, the nearest first. */
  const nearestLists = (count: number): number[] => {
    kernels.clearHeap(nearest, count);
    kernels.scanTopK(0, numLists, query, centroidsAt, paddedDim, 0, 0, 0, count, nearest);
    const ranked = rankHeap(workspace.f32(nearest, 2 * count), workspace.u32(nearest, 2 * count));
    return ranked.map(({ row }) => row);
  };
  const offerList = (list: number): void => {
    const end = offsets[list + 1]!;
    for (let from = offsets[list]!; from < end; from += rowsAtOnce) {
      const to = Math.min(end, from + rowsAtOnce);
      lists.readRangeInto(workspace, scan.window, from, to);
      rows.readInto(workspace.u8(names, 4 * (to - from)), 4 * from);
      checkRows(rows.path, workspace.u32(names, to - from), numRows);
      scan.offer(to - from, 0, names);
    }
  };

  /** Compares with every row of a filter, straight from the vectors. */
  const offerAll = (among: RowSet): void => {
    visitRuns(among, fileGap(dim), rowsAtOnce, (from, to) => {
      vectors.readRangeInto(workspace, scan.window, from, to);
      kernels.unitRows(0, to - from, scan.window, paddedDim);
      scan.offer(to - from, from, 0);
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
      if (among !== undefined && isSelective(among)) {
        offerAll(among);
        return scan.ranked();
      }
      const wanted = Math.min(k, left, lists.numRows);
      // Where the lists hold too few rows that are wanted, twice as many are read: k exist, so k are found.
      for (let read = 0, count = Math.min(probes, numLists); read < numLists; count *= 2) {
        const next = nearestLists(Math.min(count, numLists)).slice(read);
        for (const list of next) offerList(list);
        read += next.length;
        if (next.length === 0 || scan.ranked().length >= wanted) break;
      }
      return scan.ranked();
    },
    close: () => files.close(),
  };
}

function openFiles(paths: IvfPaths): OpenFiles {
  const opened: { close(): void }[] = [];
  const keep = <T extends { close(): void }>(file: T): T => {
    opened.push(file);
    return file;
  };
  const close = (): void => {
    for (const file of opened) file.close();
  };
  try {
    const vectors = keep(openVectorFile(paths.vectors));
    const centroids = keep(openVectorFile(paths.centroids));
    const lists = keep(openVectorFile(paths.lists));
    const rows = keep(openNpy(paths.rows, { dtype: '<u4', shape: [lists.numRows] }));
    const offsets = readNpy(paths.offsets, { dtype: '<u4', shape: [centroids.numRows + 1] }).data;
    checkDim(paths.centroids, centroids.dim, vectors.dim);
    checkDim(paths.lists, lists.dim, vectors.dim);
    checkOffsets(paths.offsets, offsets, lists.numRows);
    return { vectors, centroids, lists, rows, offsets, close };
  } catch (error) {
    close();
    throw error;
  }
}

function checkDim(path: string, got: number, wanted: number): void {
  if (got !== wanted) throw damaged(path, `got vectors of ${got} dimensions, wanted ${wanted}`);
}

function checkOffsets(path: string, offsets: Uint32Array, numListed: number): void {
  for (let list = 1; list < offsets.length; list++) {
    if (offsets[list]! < offsets[list - 1]!) throw damaged(path, `list ${list - 1} ends before it starts`);
  }
  if (offsets[0] !== 0 || offsets.at(-1) !== numListed) {
    throw damaged(
      path,
      `got lists of ${offsets[0]} to ${offsets.at(-1)}, wanted all ${numListed} rows of the lists`,
    );
  }
}

function checkRows(path: string, rows: Uint32Array, numRows: number): void {
  for (const row of rows) {
    if (row >= numRows) throw damaged(path, `got row ${row}, wanted one below ${numRows}`);
  }
}

function damaged(path: string, what: string): AppError {
  return new AppError('damaged-snapshot', `${path}: ${what}`, { details: { file: path } });
}
