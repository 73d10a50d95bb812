/**
 * How far items' vectors moved between two snapshots. Two trainings share no basis: A's vectors are turned first, by
 * the rotation that brings them nearest to B's (compute/nearest-rotation.ts). Vectors of one basis are compared as
 * they are.
 *
 * The rotation is that of unit vectors, of the items that are well known: of all rotations it gives these items the
 * largest mean cosine. So what is reported is the best that any rotation could do, and an item with long vectors counts
 * no more than another. Of two widths the narrower one is filled up with zeros.
 */
import { keeping, closing } from '../closers.js';
import { factorsLayout, paddedDim, type Factors } from '../compute/factors.js';
import { openPool, type ComputePool } from '../compute/pool.js';
import { layoutOf } from '../compute/workspace.js';
import type { Cosine, Count, NonNegative, TaskContext } from '../contracts.js';
import { evenRanges } from '../numeric/csr.js';
import type { KnownItems } from './known-items.js';
import { snapshotFile } from '../snapshot/layout.js';
import { isOneModel } from './one-model.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { hasVectors } from '../snapshot/scorer.js';
import { nearestRotation, rotationBytes } from '../compute/nearest-rotation.js';
import { openVectorFile, vectorBytes, type VectorFile } from '../compute/vector-file.js';

/** Common items whose vectors stand side by side at a time, and those that a thread takes of them. */
const itemsAtOnce = 2 ** 16;
const itemsARange = 2048;
/** Rows of A that are read at a time: common items are in the order of A. */
const windowRows = 4096;
/** A cosine that is less than this below 1 is 1: vectors are f32. */
const rounding = 1e-6;

export interface Drift {
  /** 'direct': vectors of one basis, as they are. */
  readonly aligned: 'rotation' | 'direct';
  /** Items that the numbers are over: common ones with a direction in both, well known where there are such. */
  readonly items: Count;
  /** Of an item's vector in A, aligned, with that in B. */
  readonly meanCosine: Cosine;
  /** A tenth of the items have no larger one. */
  readonly p10Cosine: Cosine;
  /** ‖AQ − B‖F / ‖B‖F of the vectors with their lengths. */
  readonly residual: NonNegative;
}

export interface MovedItem {
  readonly rowB: number;
  readonly cosine: number;
}

export interface ComparedVectors {
  readonly drift: Drift;
  /** [items of A] the cosine of every common item; NaN where there is none. */
  readonly cosines: Float64Array;
  /** Those that the drift is over and that moved, by cosine, then row of B; `most` at most. */
  readonly movedMost: readonly MovedItem[];
  /** A vector of A in B's basis, [dim of B] where that is at least A's. */
  align(vector: Float32Array): Float32Array;
}

export interface CompareVectorsOptions {
  readonly a: OpenSnapshot;
  readonly b: OpenSnapshot;
  readonly items: KnownItems;
  /** How many items `movedMost` names. */
  readonly most: number;
  readonly threads: number;
}

/** Null where one of the models has no vectors, or no common item has a direction in both. 'too-large' past 4 GiB. */
export async function compareVectors(
  { a, b, items, most, threads }: CompareVectorsOptions,
  context: TaskContext,
): Promise<ComparedVectors | null> {
  if (!hasVectors(a) || !hasVectors(b)) return null;
  return keeping(async (files) => {
    const fileA = files.keep(openVectorFile(a.file(snapshotFile.itemVectors)));
    const fileB = files.keep(openVectorFile(b.file(snapshotFile.itemVectors)));
    return closing(openPairing(fileA, fileB, items, threads, context), async (pairing) => {
      const rotation = isOneModel(a, b) ? undefined : await pairing.rotation();
      const distances = await pairing.compare(rotation);
      return summarise(distances, rotation, items, most);
    });
  });
}

/** What was measured of every common item, by place among the common ones. */
interface Distances {
  /** NaN where a vector is zero. */
  readonly cosines: Float64Array;
  readonly normsA: Float64Array;
  readonly normsB: Float64Array;
}

interface Rotation {
  /** [n × n] row-major. */
  readonly matrix: Float64Array;
  readonly n: number;
}

interface Pairing {
  /** What brings the well known items of A nearest to those of B, or all where there are none. */
  rotation(): Promise<Rotation>;
  compare(rotation: Rotation | undefined): Promise<Distances>;
  close(): Promise<void>;
}

/** Kernel memory with all of B, and room for `atOnce` items side by side; `n` dims, padded to `dim`. */
function openMemory(
  fileA: VectorFile,
  fileB: VectorFile,
  numCommon: number,
  threads: number,
  signal: AbortSignal,
) {
  const n = Math.max(fileA.dim, fileB.dim);
  const dim = paddedDim(n);
  const atOnce = Math.min(itemsAtOnce, numCommon);
  const numRanges = Math.ceil(atOnce / itemsARange);
  const matrixBytes = dim * dim * 8;
  const solving = rotationBytes(n);
  const layout = layoutOf({
    allB: vectorBytes(fileB.numRows, fileB.dim),
    window: vectorBytes(windowRows, fileA.dim),
    sideA: factorsLayout(atOnce, dim),
    sideB: factorsLayout(atOnce, dim),
    squares: atOnce * 8,
    products: numRanges * matrixBytes,
    turn: dim * dim * 4,
  });
  const pool = openPool({
    threads,
    workspaceBytes: layout.bytes + solving.workspaceBytes,
    scratchBytes: Math.max(dim, 4) * dim * 4 + solving.scratchBytes,
    signal,
  });
  const places = layout.allocate(pool.workspace);
  fileB.readAllInto(pool.workspace, places.allB);
  return { pool, n, dim, atOnce, matrixBytes, ...places };
}

function openPairing(
  fileA: VectorFile,
  fileB: VectorFile,
  { common, rowInB, isKnown, numKnown }: KnownItems,
  threads: number,
  { signal, onProgress }: TaskContext,
): Pairing {
  const { pool, n, dim, atOnce, matrixBytes, ...places } = openMemory(
    fileA,
    fileB,
    common.length,
    threads,
    signal,
  );
  const { allB, window, sideA, sideB, squares, products, turn } = places;
  const { workspace } = pool;
  const memory = workspace.f32(0, workspace.memory.buffer.byteLength / 4);
  const [normsA, normsB] = [new Float64Array(common.length), new Float64Array(common.length)];
  /** Puts the unit vectors of chosen common items side by side, piece by piece; those without a direction are left out. */
  async function* pieces(phase: string, isChosen: (at: number) => boolean): AsyncGenerator<Uint32Array> {
    const places = new Uint32Array(atOnce);
    let [first, end] = [0, 0];
    for (let from = 0; from < common.length;) {
      let count = 0;
      for (; from < common.length && count < atOnce; from++) {
        if (!isChosen(from)) continue;
        const row = common[from] ?? 0;
        if (row >= end) {
          [first, end] = [row, Math.min(fileA.numRows, row + windowRows)];
          fileA.readRangeInto(workspace, window, first, end);
        }
        const fromA = window + (row - first) * vectorBytes(1, fileA.dim);
        const fromB = allB + (rowInB[row] ?? 0) * vectorBytes(1, fileB.dim);
        const lengthA = gather(memory, fromA / 4, fileA.dim, sideA.address / 4 + count * dim, dim);
        const lengthB = gather(memory, fromB / 4, fileB.dim, sideB.address / 4 + count * dim, dim);
        normsA[from] = lengthA;
        normsB[from] = lengthB;
        if (lengthA > 0 && lengthB > 0) places[count++] = from;
      }
      for (const { address } of [sideA, sideB])
        await pool.run({ kernel: 'unitRows', bounds: evenRanges(count, itemsARange), args: [address, dim] });
      yield places.subarray(0, count);
      onProgress({ kind: 'step', phase, done: from, total: common.length, unit: 'items' });
    }
  }

  return {
    async rotation() {
      const sum = new Float64Array(dim * dim);
      const chosen = (at: number): boolean => numKnown === 0 || isKnown(common[at] ?? 0);
      for await (const { length } of pieces('finding the best rotation', chosen)) {
        if (length === 0) continue;
        const bounds = evenRanges(length, itemsARange);
        const args = [
          sideA.address,
          sideB.address,
          dim,
          { base: products, perRange: matrixBytes },
          'scratch',
        ] as const;
        await pool.run({ kernel: 'crossGram', bounds, args });
        workspace.kernels.addParts(products, bounds.length - 1, dim * dim);
        workspace.f64(products, dim * dim).forEach((value, at) => (sum[at] = (sum[at] ?? 0) + value));
      }
      const product = new Float64Array(n * n);
      for (let i = 0; i < n; i++) product.set(sum.subarray(i * dim, i * dim + n), i * n);
      return { matrix: await nearestRotation(pool, product, n), n };
    },
    async compare(rotation) {
      const cosines = new Float64Array(common.length).fill(Number.NaN);
      if (rotation !== undefined) writeRotation(workspace.f32(turn, dim * dim), rotation, dim);
      for await (const places of pieces('comparing vectors', () => true)) {
        const bounds = evenRanges(places.length, itemsARange);
        if (rotation !== undefined) {
          const args = [sideA.address, dim, turn, 'scratch'] as const;
          await pool.run({ kernel: 'rotate', bounds, args });
        }
        await measureDistances(pool, sideA, sideB, bounds, squares);
        const found = workspace.f64(squares, places.length);
        // ‖x − y‖² = 2 − 2 cos of unit vectors; near 1 this way round keeps the digits that a sum of products loses.
        places.forEach((place, at) => (cosines[place] = 1 - (found[at] ?? 0) / 2));
      }
      return { cosines, normsA, normsB };
    },
    close: () => pool.close(),
  };
}

async function measureDistances(
  pool: ComputePool,
  a: Factors,
  b: Factors,
  bounds: Uint32Array,
  squares: number,
): Promise<void> {
  await pool.run({ kernel: 'squaredDistances', bounds, args: [a.address, b.address, a.dim, squares] });
}

/** Copies `length` numbers to another place, filled up with zeros to `dim`; returns the length of the vector. */
function gather(memory: Float32Array, from: number, length: number, to: number, dim: number): number {
  let squares = 0;
  for (let f = 0; f < length; f++) {
    const x = memory[from + f] ?? 0;
    memory[to + f] = x;
    squares += x * x;
  }
  memory.fill(0, to + length, to + dim);
  return Math.sqrt(squares);
}

/** Padded dimensions stay where they are. */
function writeRotation(to: Float32Array, { matrix, n }: Rotation, dim: number): void {
  to.fill(0);
  for (let i = 0; i < dim; i++) {
    if (i < n) to.set(matrix.subarray(i * n, i * n + n), i * dim);
    else to[i * dim + i] = 1;
  }
}

function summarise(
  { cosines: byPlace, normsA, normsB }: Distances,
  rotation: Rotation | undefined,
  { common, rowInB, isKnown, numKnown }: KnownItems,
  most: number,
): ComparedVectors | null {
  const cosines = new Float64Array(rowInB.length).fill(Number.NaN);
  const counted: number[] = [];
  let [sum, moved, whole] = [0, 0, 0];
  for (const [at, row] of common.entries()) {
    const cosine = byPlace[at] ?? Number.NaN;
    cosines[row] = cosine;
    if (Number.isNaN(cosine) || (numKnown > 0 && !isKnown(row))) continue;
    counted.push(at);
    const [lengthA, lengthB] = [normsA[at] ?? 0, normsB[at] ?? 0];
    sum += cosine;
    moved += (lengthA - lengthB) ** 2 + 2 * lengthA * lengthB * (1 - cosine);
    whole += lengthB * lengthB;
  }
  if (counted.length === 0) return null;
  const sorted = Float64Array.from(counted, (at) => byPlace[at] ?? 0).sort();
  const limit = Math.min(1 - rounding, sorted[Math.min(most, sorted.length) - 1] ?? 0);
  return {
    drift: {
      aligned: rotation === undefined ? 'direct' : 'rotation',
      items: counted.length,
      meanCosine: sum / counted.length,
      p10Cosine: sorted[Math.max(0, Math.ceil(sorted.length / 10) - 1)] ?? 0,
      residual: Math.sqrt(Math.max(0, moved) / whole),
    },
    cosines,
    movedMost: counted
      .filter((at) => (byPlace[at] ?? 1) <= limit)
      .map((at) => ({ rowB: rowInB[common[at] ?? 0] ?? 0, cosine: byPlace[at] ?? 0 }))
      .sort((one, other) => one.cosine - other.cosine || one.rowB - other.rowB)
      .slice(0, most),
    align: (vector) => (rotation === undefined ? vector : turned(vector, rotation)),
  };
}

/** x·Q */
function turned(vector: Float32Array, { matrix, n }: Rotation): Float32Array {
  const sum = new Float64Array(n);
  for (const [i, x] of vector.entries())
    for (let j = 0; j < n; j++) sum[j] = (sum[j] ?? 0) + x * (matrix[i * n + j] ?? 0);
  return Float32Array.from(sum);
}
