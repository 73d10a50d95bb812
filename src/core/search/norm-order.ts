/**
 * Items in the order of their norms as int8 codes, on disk: what one query needs for its exact best by inner product. A
 * search reads codes from the longest vector on, as far as its bound asks for, and the f32 rows of the few items that may
 * be among the best. The proof of the bound is in kernels/order.ts.
 */
import { Closers } from '../closers.js';
import { paddedDim as paddedDimOf } from '../compute/factors.js';
import { orderBounds, orderTileItems, packedLength } from '../compute/kernel-exports.js';
import {
  layoutOf,
  openWorkspace,
  type Addresses,
  type Workspace,
  type WorkspaceLayout,
} from '../compute/workspace.js';
import { AppError } from '../errors.js';
import { npyHeader, openNpy, type NpyFile } from '../files/npy.js';
import { descendingOrder } from '../numeric/descending-order.js';
import { rankHeap, type RankedRow } from '../numeric/top-k.js';
import { vectorBytes, type VectorFile } from '../compute/vector-file.js';
import type { Matrix } from './exact-batch.js';
import { hasRow, type RowSet } from './row-set.js';

/** Names what the files hold; changed whenever the same vectors would give other bytes, or they mean something else. */
export const orderEncoding = 'int8-by-norm-1';

/** A tile's codes that are written or read at a time. */
const windowBytes = 2 ** 20;
/** Tiles of a search's first window; each next one has twice as many, until it is `windowBytes`. */
const firstTiles = 64;

/** Within these norms, and scores not far below them, nothing underflows or overflows that decides. */
const leastNorm = 2 ** -20;
const mostNorm = 2 ** 60;
const leastShare = 2 ** -40;

function numTiles(numItems: number): number {
  return Math.ceil(numItems / orderTileItems);
}

/** Bytes of a tile's codes and bounds. */
function tileBytes(paddedDim: number): { readonly codes: number; readonly bounds: number } {
  return { codes: orderTileItems * paddedDim, bounds: 4 * orderBounds * orderTileItems };
}

function tilesAtOnce(paddedDim: number): number {
  return Math.max(1, Math.floor(windowBytes / tileBytes(paddedDim).codes));
}

/** What `orderChunks` allocates. */
export function orderLayout(
  numItems: number,
  paddedDim: number,
): WorkspaceLayout<Addresses<'norms' | 'order' | 'codes' | 'bounds'>> {
  return layoutOf({ norms: 4 * numItems, order: 4 * numItems, ...windowSizes(numItems, paddedDim) });
}

/** Of the tiles that are made, or read, at a time. */
function windowSizes(numItems: number, paddedDim: number) {
  const { codes, bounds } = tileBytes(paddedDim);
  const atOnce = Math.min(numTiles(numItems), tilesAtOnce(paddedDim));
  return { codes: codes * atOnce, bounds: bounds * atOnce };
}

/** The files of an order, as .npy in pieces; each piece is overwritten by the next. */
export interface OrderChunks {
  /** u4 [numItems] the rows, by norm descending, then row ascending. */
  readonly rows: Iterable<Uint8Array>;
  /** i1 [tiles × paddedDim/2 × 16 × 2]. */
  readonly codes: Iterable<Uint8Array>;
  /** f4 [tiles × 3 × 16]: norm, scale and error of the code. */
  readonly bounds: Iterable<Uint8Array>;
}

/**
 * The order of `items`, f32 [numRows × paddedDim] in the workspace, of which it allocates `orderLayout`. The same items give
 * the same bytes. Items must not change until all is read.
 */
export function orderChunks(workspace: Workspace, { address, numRows, paddedDim }: Matrix): OrderChunks {
  const { kernels } = workspace;
  const tiles = numTiles(numRows);
  const sizes = tileBytes(paddedDim);
  const atOnce = Math.min(tiles, tilesAtOnce(paddedDim));
  const { norms, order, codes, bounds } = orderLayout(numRows, paddedDim).allocate(workspace);
  kernels.normRows(0, numRows, address, paddedDim, norms);
  workspace.u32(order, numRows).set(descendingOrder(workspace.f32(norms, numRows)));

  function* pieces(header: Uint8Array, at: number, bytesOfTile: number): Generator<Uint8Array> {
    yield header;
    for (let from = 0; from < tiles; from += atOnce) {
      const to = Math.min(tiles, from + atOnce);
      kernels.codeTiles(from, to, address, paddedDim, order, norms, numRows, codes, bounds);
      yield workspace.u8(at, (to - from) * bytesOfTile).slice();
    }
  }
  return {
    rows: [npyHeader('<u4', [numRows]), workspace.u8(order, 4 * numRows).slice()],
    codes: pieces(npyHeader('|i1', [tiles, paddedDim / 2, orderTileItems, 2]), codes, sizes.codes),
    bounds: pieces(npyHeader('<f4', [tiles, orderBounds, orderTileItems]), bounds, sizes.bounds),
  };
}

/** Paths of the files of `orderChunks`. */
export interface OrderPaths {
  readonly rows: string;
  readonly codes: string;
  readonly bounds: string;
}

/** One query at a time over items on disk. */
export interface OrderedSearch {
  /**
   * The best k items by inner product among the rows of `among` (undefined: all), `leaveOut` left out: the rows and bits
   * that the exact scan of all gives. undefined where this search would read more than that scan, or cannot tell.
   */
  best(query: Float32Array, k: number, leaveOut: Iterable<number>, among?: RowSet): RankedRow[] | undefined;
  /** Items whose codes the last search looked at, and f32 rows that it read. */
  readonly lookedAt: { readonly codes: number; readonly rows: number };
  close(): void;
}

interface OrderFiles {
  readonly rows: NpyFile;
  readonly codes: NpyFile;
  readonly bounds: NpyFile;
}

/**
 * `vectors`, from which the order was made, stay the caller's to close. AppError 'damaged-snapshot' where the files do not
 * fit them.
 * @param inMemory many queries will come: read the order once, and keep it
 */
export function openOrderedSearch(
  vectors: VectorFile,
  paths: OrderPaths,
  maxK: number,
  inMemory = false,
): OrderedSearch {
  const { numRows, paddedDim } = vectors;
  const tiles = numTiles(numRows);
  const opened = new Closers();
  const open = (path: string, wanted: Parameters<typeof openNpy>[1]): NpyFile =>
    opened.keep(openNpy(path, wanted));
  try {
    const files: OrderFiles = {
      rows: open(paths.rows, { dtype: '<u4', shape: [numRows] }),
      codes: open(paths.codes, { dtype: '|i1', shape: [tiles, paddedDim / 2, orderTileItems, 2] }),
      bounds: open(paths.bounds, { dtype: '<f4', shape: [tiles, orderBounds, orderTileItems] }),
    };
    return { ...searchIn(vectors, files, maxK, inMemory), close: () => opened.close() };
  } catch (error) {
    opened.close();
    throw error;
  }
}

function searchIn(
  vectors: VectorFile,
  files: OrderFiles,
  maxK: number,
  inMemory: boolean,
): Omit<OrderedSearch, 'close'> {
  const { numRows, dim } = vectors;
  const paddedDim = paddedDimOf(dim);
  const tiles = numTiles(numRows);
  const sizes = tileBytes(paddedDim);
  const atOnce = Math.min(tiles, tilesAtOnce(paddedDim));
  const most = Math.min(maxK, numRows);
  const held = inMemory ? tiles : atOnce;
  const layout = layoutOf({
    codes: sizes.codes * held,
    bounds: sizes.bounds * held,
    rows: 4 * orderTileItems * held,
    candidates: 8 * orderTileItems * atOnce,
    query: vectorBytes(1, dim),
    item: vectorBytes(1, dim),
    packed: 2 * paddedDim,
    normAt: 4,
    heap: 8 * Math.max(1, most),
  });
  const workspace = openWorkspace(layout.bytes);
  const { codes, bounds, rows, candidates, query, item, packed, normAt, heap } = layout.allocate(workspace);
  const { kernels } = workspace;
  // A search that passes many items by their codes reads row by row what the scan reads in one go.
  const mostRows = 1024 + numRows / 32;
  const looked = { codes: 0, rows: 0 };

  /** Bytes of the tiles from … to − 1, where they are kept, or anew over those before. */
  const tilesOf = (file: NpyFile, address: number, bytesOfTile: number): TileReader => {
    const end = file.dataBytes;
    const read = (at: number, from: number, to: number): void => {
      const first = from * bytesOfTile;
      file.readInto(workspace.u8(at, Math.min(end, to * bytesOfTile) - first), first);
    };
    if (inMemory) read(address, 0, tiles);
    return (from, to) => {
      if (inMemory) return address + from * bytesOfTile;
      read(address, from, to);
      return address;
    };
  };
  const boundsOf = tilesOf(files.bounds, bounds, sizes.bounds);
  const codesOf = tilesOf(files.codes, codes, sizes.codes);
  const rowsOf = tilesOf(files.rows, rows, 4 * orderTileItems);

  const norm = (address: number): number => {
    kernels.normRows(0, 1, address, paddedDim, normAt);
    return workspace.f32(normAt, 1)[0]!;
  };

  /** Candidates of the window's tiles, the one with the highest bound first. */
  const candidatesIn = (
    { from, to, boundsAt }: { readonly from: number; readonly to: number; readonly boundsAt: number },
    by: { readonly onError: number; readonly onNorm: number },
    floor: number,
  ): { position: number; bound: number }[] => {
    const found = kernels.boundCodes(
      ...([to - from, codesOf(from, to), boundsAt, paddedDim] as const),
      ...([packed, by.onError, by.onNorm, floor, candidates] as const),
    );
    const positions = workspace.u32(candidates, 2 * found);
    const scores = workspace.f32(candidates, 2 * found);
    const list = Array.from({ length: found }, (_, c) => ({
      position: positions[2 * c]!,
      bound: scores[2 * c + 1]!,
    }));
    return list.sort((a, b) => b.bound - a.bound || a.position - b.position);
  };

  return {
    lookedAt: looked,
    best(vector, k, leaveOut, among) {
      if (k > maxK) throw new RangeError(`k is ${k}; this search was opened for ${maxK} at most`);
      looked.codes = 0;
      looked.rows = 0;
      const wanted = Math.min(k, most);
      if (wanted === 0) return [];
      const x = workspace.f32(query, paddedDim);
      x.set(vector);
      const length = norm(query);
      if (!(length >= leastNorm && length <= mostNorm)) return undefined;
      const lost = kernels.codeQuery(query, paddedDim, length, packed);
      const by = boundFactors(paddedDim, lost);
      const skipped = new Set(leaveOut);
      kernels.clearHeap(heap, wanted);
      let longest = 0;
      let floor = Number.NEGATIVE_INFINITY;

      for (let from = 0, count = firstTiles; from < tiles;) {
        const to = Math.min(tiles, from + Math.min(count, atOnce));
        const boundsAt = boundsOf(from, to);
        const longestLeft = workspace.f32(boundsAt, 1)[0]!;
        if (from === 0) longest = longestLeft;
        if (!(longest >= leastNorm && longest <= mostNorm)) return undefined;
        // No score is further above the product of the norms than 2^-20 of it: γ is below that for any dim here.
        if (longestLeft * (1 + 2 ** -20) < floor) break;
        const numItems = Math.min(numRows, to * orderTileItems) - from * orderTileItems;
        const names = workspace.u32(rowsOf(from, to), numItems);
        looked.codes += numItems;
        for (const { position, bound } of candidatesIn({ from, to, boundsAt }, by, floor)) {
          if (bound < floor) break;
          if (position >= numItems) continue;
          const row = names[position]!;
          if (row >= numRows) throw damaged(files.rows.path, `got row ${row}, wanted one below ${numRows}`);
          if (skipped.has(row) || (among !== undefined && !hasRow(among, row))) continue;
          if (++looked.rows > mostRows) return undefined;
          vectors.readRangeInto(workspace, item, row, row + 1);
          kernels.scanTopK(0, 1, query, item, paddedDim, row, 0, 0, wanted, heap);
          floor = floorOf(workspace.f32(heap, 1)[0]! / length, longest);
        }
        from = to;
        count *= 2;
      }
      return rankHeap(workspace.f32(heap, 2 * wanted), workspace.u32(heap, 2 * wanted));
    },
  };
}

/** Address of the tiles from … to − 1. */
type TileReader = (from: number, to: number) => number;

/** What a score over the query's norm must reach: a little below the worst of the heap; nothing where that is near 0. */
function floorOf(worst: number, longest: number): number {
  return worst >= leastShare * longest ? Math.fround(worst * (1 - 2 ** -20)) : Number.NEGATIVE_INFINITY;
}

/** The factors of an item's error and norm in its bound, rounded up: (1) in kernels/order.ts. */
function boundFactors(paddedDim: number, lost: number): { onError: number; onNorm: number } {
  const sums = (paddedDim / 4 + 3) * 2 ** -24;
  const share = lost / packedLength;
  const slack = 2 ** -20;
  return { onError: 1 + share + slack, onNorm: share + sums / (1 - sums) + slack };
}

function damaged(path: string, what: string): AppError {
  return new AppError('damaged-snapshot', `${path}: ${what}`, { details: { file: path } });
}
