/**
 * Items in the order of their norms as int8 codes, on disk: what one query needs for its exact best by inner product. A
 * search reads codes from the longest vector on, as far as its bound asks for, and the f32 rows of the few items that may
 * be among the best. The proof of the bound is in kernels/order.ts.
 */
import { Closers, handingOn } from '../closers.js';
import { orderBounds, orderTileItems, packedLength } from '../compute/kernel-exports.js';
import { layoutOf, type Addresses, type Workspace, type WorkspaceLayout } from '../compute/workspace.js';
import { damaged } from '../errors.js';
import { npyHeader, openNpy, type NpyFile } from '../files/npy.js';
import { descendingOrder } from '../numeric/descending-order.js';
import { rankHeap, type RankedRow } from '../numeric/top-k.js';
import { vectorBytes, type VectorFile } from '../compute/vector-file.js';
import type { Matrix } from './exact-batch.js';
import { bitmapBytes } from './row-bitmap.js';
import type { RowSet } from './row-set.js';
import { onlyThread, type SearchThread, type SearchWays } from './search-thread.js';
import { openSkipBitmap, type SkipBitmap } from './skip-bitmap.js';

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

/** One query at a time. */
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

/** In memory the order is read once, and kept; vectors are read one by one either way. */
export interface OrderedSearchOptions extends SearchWays {
  /** The largest k that will be asked for. */
  readonly maxK: number;
}

/**
 * `vectors`, from which the order was made, stay the caller's to close. AppError 'damaged-snapshot' where the files do not
 * fit them.
 */
export function openOrderedSearch(
  vectors: VectorFile,
  paths: OrderPaths,
  options: OrderedSearchOptions,
): OrderedSearch {
  const { numRows, paddedDim } = vectors;
  const tiles = numTiles(numRows);
  const opened = new Closers();
  const open = (path: string, wanted: Parameters<typeof openNpy>[1]): NpyFile =>
    opened.keep(openNpy(path, wanted));
  return handingOn(opened, () => {
    const files: OrderFiles = {
      rows: open(paths.rows, { dtype: '<u4', shape: [numRows] }),
      codes: open(paths.codes, { dtype: '|i1', shape: [tiles, paddedDim / 2, orderTileItems, 2] }),
      bounds: open(paths.bounds, { dtype: '<f4', shape: [tiles, orderBounds, orderTileItems] }),
    };
    const search = new OrderSearch(vectors, files, options);
    return {
      lookedAt: search.lookedAt,
      best: (...asked) => search.best(...asked),
      close: () => opened.close(),
    };
  });
}

/** The tiles of a search, and the kernel memory that it needs besides; it belongs to the thread. */
function openTiles(
  vectors: VectorFile,
  files: OrderFiles,
  { maxK, inMemory, thread = onlyThread }: OrderedSearchOptions,
) {
  const { numRows, dim, paddedDim } = vectors;
  const tiles = numTiles(numRows);
  const sizes = tileBytes(paddedDim);
  const atOnce = Math.min(tiles, tilesAtOnce(paddedDim));
  const most = Math.max(1, Math.min(maxK, numRows));
  // A search that passes many items by their codes reads row by row what the scan reads in one go.
  const mostFound = 1024 + Math.floor(numRows / 32);
  const ofTiles = (count: number) =>
    layoutOf({
      codes: sizes.codes * count,
      bounds: sizes.bounds * count,
      rows: 4 * orderTileItems * count,
    });
  const onDisk = {
    codes: { file: files.codes, bytesOfTile: sizes.codes },
    bounds: { file: files.bounds, bytesOfTile: sizes.bounds },
    rows: { file: files.rows, bytesOfTile: 4 * orderTileItems },
  };
  /** Reads bytes of the tiles from … to − 1. */
  const read = (part: OrderPart, to: Workspace, address: number, first: number, end: number): void => {
    const { file, bytesOfTile } = onDisk[part];
    const start = first * bytesOfTile;
    const bytes = Math.min(file.dataBytes, end * bytesOfTile) - start;
    file.readInto(to.u8(address, bytes), start);
  };
  const { workspace, held, own } = thread.memory.open({
    name: `order of ${vectors.path}`,
    held: ofTiles(inMemory ? tiles : 0),
    own: layoutOf({
      window: ofTiles(inMemory ? 0 : atOnce),
      found: 8 * (mostFound + orderTileItems * atOnce),
      skip: bitmapBytes(numRows),
      query: vectorBytes(1, dim),
      item: vectorBytes(1, dim),
      packed: 2 * paddedDim,
      normAt: 4,
      scratch: 4 * orderTileItems,
      lowest: 8 * most,
      heap: 8 * most,
    }),
    fill(writable, at) {
      if (!inMemory) return;
      for (const part of ['codes', 'bounds', 'rows'] as const) read(part, writable, at[part], 0, tiles);
    },
  });
  /** Address of the tiles from … to − 1: where they are kept, or read anew over those before. */
  const tilesOf = (part: OrderPart, from: number, to: number): number => {
    if (inMemory) return held[part] + from * onDisk[part].bytesOfTile;
    read(part, workspace, own.window[part], from, to);
    return own.window[part];
  };
  return { tiles, atOnce, mostFound, workspace, own, tilesOf };
}

type OrderPart = keyof OrderFiles;

class OrderSearch implements Omit<OrderedSearch, 'close'> {
  readonly lookedAt = { codes: 0, rows: 0 };
  readonly #vectors: VectorFile;
  readonly #rowsPath: string;
  readonly #maxK: number;
  readonly #thread: SearchThread;
  readonly #memory: ReturnType<typeof openTiles>;
  readonly #skips: SkipBitmap;

  constructor(vectors: VectorFile, files: OrderFiles, options: OrderedSearchOptions) {
    this.#vectors = vectors;
    this.#rowsPath = files.rows.path;
    this.#maxK = options.maxK;
    this.#thread = options.thread ?? onlyThread;
    this.#memory = openTiles(vectors, files, options);
    this.#skips = openSkipBitmap(this.#memory.workspace, this.#memory.own.skip, vectors.numRows);
  }

  best(vector: Float32Array, k: number, leaveOut: Iterable<number>, among?: RowSet): RankedRow[] | undefined {
    if (k > this.#maxK) throw new RangeError(`k is ${k}; this search was opened for ${this.#maxK} at most`);
    this.lookedAt.codes = 0;
    this.lookedAt.rows = 0;
    const { numRows, paddedDim } = this.#vectors;
    const { workspace, own } = this.#memory;
    const wanted = Math.min(k, numRows);
    if (wanted === 0) return [];
    workspace.f32(own.query, paddedDim).set(vector);
    workspace.kernels.normRows(0, 1, own.query, paddedDim, own.normAt);
    const length = workspace.f32(own.normAt, 1)[0]!;
    if (!(length >= leastNorm && length <= mostNorm)) return undefined;
    this.#skips.allow(leaveOut, among);
    const candidates = this.#findItems(length, wanted);
    return candidates && this.#rank(candidates, length, wanted);
  }

  /**
   * Leaves in `found` what may be among the best `wanted`; undefined where that is too much, or norms are such that it cannot
   * be told.
   */
  #findItems(length: number, wanted: number): Found | undefined {
    const { numRows, paddedDim } = this.#vectors;
    const { tiles, atOnce, mostFound, workspace, own, tilesOf } = this.#memory;
    const { query, packed, lowest, skip, found, scratch } = own;
    const { kernels } = workspace;
    const lost = kernels.codeQuery(query, paddedDim, length, packed);
    const { onError, onNorm } = boundFactors(paddedDim, lost);
    kernels.clearHeap(lowest, wanted);
    let least = 0;
    let count = 0;
    for (let from = 0, numTilesNow = firstTiles; from < tiles; numTilesNow *= 2) {
      this.#thread.checkAbort();
      const to = Math.min(tiles, from + Math.min(numTilesNow, atOnce));
      const boundsAt = tilesOf('bounds', from, to);
      const longest = workspace.f32(boundsAt, 1)[0]!;
      if (from === 0) {
        if (!(longest >= leastNorm && longest <= mostNorm)) return undefined;
        least = leastShare * longest;
      }
      const worst = workspace.f32(lowest, 1)[0]!;
      if (worst >= least && longest * (1 + 2 ** -20) < worst) break;
      const numItems = Math.min(numRows, to * orderTileItems) - from * orderTileItems;
      this.lookedAt.codes += numItems;
      const codesAt = tilesOf('codes', from, to);
      const rowsAt = tilesOf('rows', from, to);
      const these = [to - from, numItems, codesAt, boundsAt, rowsAt, numRows] as const;
      const by = [paddedDim, packed, onError, onNorm, skip, wanted, lowest, least] as const;
      count = kernels.boundCodes(...these, ...by, found, count, scratch);
      if (count > mostFound) return undefined;
      from = to;
    }
    return { count, least };
  }

  /** The best of what was found, by their f32 rows, those that may score most first. */
  #rank({ count, least }: Found, length: number, wanted: number): RankedRow[] {
    const { numRows, paddedDim } = this.#vectors;
    const { workspace, own } = this.#memory;
    const { found, query, item, heap } = own;
    const { kernels } = workspace;
    const names = workspace.u32(found, 2 * count);
    const mosts = workspace.f32(found, 2 * count);
    const order = Uint32Array.from({ length: count }, (_, at) => 2 * at).sort(
      (a, b) => mosts[b + 1]! - mosts[a + 1]! || a - b,
    );
    kernels.clearHeap(heap, wanted);
    let floor = Number.NEGATIVE_INFINITY;
    for (const at of order) {
      if (mosts[at + 1]! < floor) break;
      const row = names[at]!;
      if (row >= numRows) throw damaged(this.#rowsPath, `got row ${row}, wanted one below ${numRows}`);
      this.lookedAt.rows++;
      this.#thread.checkAbort();
      this.#vectors.readRowsInto(workspace, item, [row]);
      kernels.scanTopK(0, 1, query, item, paddedDim, row, 0, 0, wanted, heap);
      const worst = workspace.f32(heap, 1)[0]! / length;
      // A little below it, since what is compared is rounded.
      if (worst >= least) floor = Math.fround(worst * (1 - 2 ** -20));
    }
    return rankHeap(workspace.f32(heap, 2 * wanted), workspace.u32(heap, 2 * wanted));
  }
}

interface Found {
  readonly count: number;
  /** Scores over the query's norm that are below it decide nothing. */
  readonly least: number;
}

/** The factors of an item's error and norm in its bound, rounded up: (1) in kernels/order.ts. */
function boundFactors(paddedDim: number, lost: number): { onError: number; onNorm: number } {
  const sums = (paddedDim / 4 + 3) * 2 ** -24;
  const share = lost / packedLength;
  const slack = 2 ** -20;
  return { onError: 1 + share + slack, onNorm: share + sums / (1 - sums) + slack };
}
