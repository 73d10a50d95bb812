/** Every row's neighbours by an inverted file that is held in memory, on all threads. */
import { openPool, type ComputePool } from '../compute/pool.js';
import { layoutOf } from '../compute/workspace.js';
import { evenRanges } from '../numeric/csr.js';
import { isSelective } from './among-scan.js';
import { matrixLayout, normalise, type Matrix } from './exact-batch.js';
import { openExactRowNeighbours } from './exact-row-neighbours.js';
import { openIvfFiles, type IvfFiles, type IvfPaths } from './ivf-files.js';
import {
  allocateIvf,
  ivfBytes,
  mostRowsIn,
  searchScratchBytes,
  wholeGap,
  type IvfIndex,
  type Probes,
} from './ivf-index.js';
import { bitmapBytes } from './row-bitmap.js';
import {
  batchWriter,
  rankingAt,
  rowsOfBlock,
  type BatchWriter,
  type RowNeighbours,
  type RowNeighboursOptions,
} from './row-neighbours.js';
import { hasRow } from './row-set.js';
import { skipAllBut } from './skip-bitmap.js';

export interface IvfBatchOptions extends RowNeighboursOptions {
  /** What is read for a query that asks for k; more where that holds fewer than k rows. */
  readonly probes: (k: number) => Probes;
}

/** Queries that a thread answers at a time. */
const queriesAtOnce = 64;

/**
 * A filter that leaves few rows is answered exactly, as one query at a time is. AppError 'damaged-snapshot' where the files do not fit together, 'too-large' where
 * they pass 4 GiB.
 */
export async function openIvfBatch(paths: IvfPaths, options: IvfBatchOptions): Promise<RowNeighbours> {
  const files = openIvfFiles(paths);
  let pool: ComputePool | undefined;
  try {
    const { k, among, threads, signal } = options;
    if (among !== undefined && isSelective(among)) {
      const { openVectorFile } = await import('../compute/vector-file.js');
      files.close();
      return await openExactRowNeighbours(openVectorFile(paths.vectors), options);
    }
    const { vectors, shape, offsets } = files;
    const { numRows, dim } = vectors;
    const asked = Math.min(k + 1, Math.max(1, shape.numListed));
    const probes = clampProbes(options.probes(k), shape.numLists);
    const mostRows = Math.min(numRows, rowsOfBlock);
    const ofVectors = matrixLayout(numRows, dim);
    const ofSearches = layoutOf({
      heaps: 8 * asked * mostRows,
      skip: among === undefined ? undefined : bitmapBytes(numRows),
      scratch: searchScratchBytes(shape, shape.numLists, asked, shape.numListed),
    });
    pool = openPool({
      threads,
      signal,
      workspaceBytes: ofVectors.bytes + ivfBytes(shape, true) + ofSearches.bytes,
      scratchBytes: searchScratchBytes(shape, probes.lists, asked, mostRowsIn(offsets, probes.lists)),
    });
    const { workspace } = pool;
    const matrix = ofVectors.allocate(workspace);
    const index = allocateIvf(workspace, shape, true, matrix.address);
    const { heaps, skip, scratch } = ofSearches.allocate(workspace);
    if (among !== undefined) skipAllBut(workspace, skip, numRows, among);
    load(pool, files, index, matrix);
    await normalise(pool, matrix);
    return rowNeighbours(files, pool, {
      ...options,
      asked,
      probes,
      mostRows,
      matrix,
      index,
      heaps,
      skip,
      scratch,
    });
  } catch (error) {
    files.close();
    await pool?.close();
    throw error;
  }
}

interface Opened extends IvfBatchOptionsResolved {
  readonly matrix: Matrix;
  readonly index: IvfIndex;
  /** Addresses. */
  readonly heaps: number;
  readonly skip: number;
  readonly scratch: number;
}

interface IvfBatchOptionsResolved extends Omit<IvfBatchOptions, 'probes'> {
  readonly asked: number;
  readonly probes: Probes;
  readonly mostRows: number;
}

function clampProbes({ gap, lists }: Probes, numLists: number): Probes {
  return { gap, lists: Math.min(lists, numLists) };
}

function load({ workspace }: ComputePool, files: IvfFiles, index: IvfIndex, matrix: Matrix): void {
  const { numListed } = files.shape;
  files.readHeadInto(workspace, index);
  files.readTilesInto(workspace, index.rowTiles, 0, numListed);
  files.readRowsInto(workspace, index.rows, 0, numListed);
  files.vectors.readAllInto(workspace, matrix.address);
}

function rowNeighbours(files: IvfFiles, pool: ComputePool, opened: Opened): RowNeighbours {
  const { k, among, asked, probes, mostRows, matrix, index, heaps, skip, scratch } = opened;
  const { workspace } = pool;
  const { numLists, numListed } = files.shape;
  const { numRows, address, paddedDim } = matrix;
  const queryAt = (row: number): number => address + 4 * paddedDim * row;

  /** Where the lists hold too few rows that are wanted, twice as many are read: k exist, so k are found. */
  const lookFurther = (writer: BatchWriter, row: number, query: number, heap: number): void => {
    const wanted = wantedBy(row);
    for (let { lists } = probes; ;) {
      lists = Math.min(numLists, 2 * lists);
      workspace.kernels.searchRows(
        0,
        1,
        queryAt(row),
        index.record,
        wholeGap,
        lists,
        asked,
        skip,
        heap,
        scratch,
      );
      const count = writer.write(query, rankingAt(workspace, heap, asked), row);
      if (count >= wanted || lists === numLists) return;
    }
  };
  const wantedBy = (row: number): number => {
    const left = among === undefined ? numRows - 1 : among.count - (hasRow(among, row) ? 1 : 0);
    return Math.min(k, left, numListed);
  };

  return {
    numRows,
    mostRows,
    async nearest(from, to) {
      const writer = batchWriter(to - from, k);
      if (numLists === 0 || k === 0) return writer.batch;
      await pool.run({
        kernel: 'searchRows',
        bounds: evenRanges(to - from, queriesAtOnce),
        args: [queryAt(from), index.record, probes.gap, probes.lists, asked, skip, heaps, 'scratch'],
      });
      for (let q = 0; q < to - from; q++) {
        const heap = heaps + 8 * asked * q;
        const row = from + q;
        const count = writer.write(q, rankingAt(workspace, heap, asked), row);
        const isDirected = !Number.isNaN(workspace.f32(queryAt(row), 1)[0]);
        if (count < wantedBy(row) && isDirected) lookFurther(writer, row, q, heap);
      }
      return writer.batch;
    },
    async close() {
      files.close();
      await pool.close();
    },
  };
}
