/**
 * Implicit ALS by partial sums (kernels/partial-sums.ts): both sides' vectors stand outside of kernel memory, and the
 * fixed side comes into it by groups of blocks. So what bounds a training is the machine's memory.
 */
import { paddedDim, type Factors } from '../../compute/factors.js';
import { storedScratchBytes, type StoredArgument } from '../../compute/job.js';
import { blockRows, rowStateBytes } from '../../compute/kernel-exports.js';
import type { ComputePool, PoolSizes } from '../../compute/pool.js';
import { rangeRows, rangesOfSizes, solverScratchBytes } from '../../compute/sparse-ranges.js';
import { allocateStoredRows, storedBytes, storedPieces, type StoredRows } from '../../compute/stored-rows.js';
import { layoutOf } from '../../compute/workspace.js';
import type { EpochReport } from '../../contracts.js';
import { columnRange, evenRanges, rowSizes, transposeRange, type SparseRows } from '../../numeric/csr.js';
import { betaOf, rowRegularisation } from '../../numeric/weighting.js';
import type { EpochHooks } from '../model.js';
import { alternate, type AlsSides } from './alternate.js';
import type { AlsOptions } from './als-options.js';
import { storedGramianEngine, storedGramianLayout, storedGramianScratchBytes } from './gramian.js';
import type { AlsShape } from './train-als.js';

/** Changed whenever the same options and interactions would give other bits than before. */
export const partialSumsVersion = 1;

/** Most kernel memory that blocks of the fixed side take at once, where the items alone do not take more. */
const mostGroupBytes = 2 ** 31;
/** Free rows whose residuals and directions are in memory at once. */
const mostFreeRows = 32 * blockRows;
/** Rows a range that are copied into kernel memory. */
const copiedRows = 8192;

/** All that an epoch leaves, both sides in the eigenbasis of the items' Gramian. */
export interface PartialSumsState {
  readonly users: StoredRows;
  readonly items: StoredRows;
  /** [paddedDim] of YᵀY, descending; those of padded dims are 0. */
  readonly eigenvalues: Float64Array;
}

export interface PartialSumsTraining {
  /** Copies all items into kernel memory, where they stay until training goes on. They have to fit. */
  itemsInMemory(): Promise<Factors>;
}

/** How many rows are in memory at once. The bits do not depend on it. */
export interface GroupSizes {
  /** Of the fixed side in kernel memory, whole blocks: of users, of items. */
  readonly users: number;
  readonly items: number;
  /** Free rows with their residuals and directions, where the fixed side comes in several groups. */
  readonly free: number;
}

/** All of a side where it fits. The items do, since what ranks and folds in needs them all. @param dim padded */
export function groupSizes({ numUsers, numItems }: AlsShape, dim: number): GroupSizes {
  const blocks = Math.max(1, Math.floor(mostGroupBytes / (blockRows * dim * 4)));
  const most = Math.max(blocks, Math.floor(numItems / blockRows)) * blockRows;
  return { users: Math.min(numUsers, most), items: numItems, free: mostFreeRows };
}

/** What the pool of such a training has to be opened with. */
export function partialSumsMemory(shape: AlsShape, factors: number, groups?: GroupSizes): PoolSizes {
  const dim = paddedDim(factors);
  const { users, items } = groups ?? groupSizes(shape, dim);
  const { longest } = shape;
  const vectors = storedScratchBytes(rangeRows, dim * 4);
  const numbers = storedScratchBytes(rangeRows, 4) + storedScratchBytes(rangeRows, rowStateBytes);
  return {
    workspaceBytes: memoryLayout(Math.max(users, items), dim).bytes,
    scratchBytes: Math.max(
      storedGramianScratchBytes(dim),
      solverScratchBytes(longest, dim) + 2 * vectors + numbers,
      dim * 4 + 4 * vectors + numbers,
    ),
  };
}

/** Bytes that training takes outside of kernel memory, beside the pairs. */
export function storedBytesOf(shape: AlsShape, factors: number): number {
  const { numUsers, numItems } = shape;
  const dim = paddedDim(factors);
  const groups = groupSizes(shape, dim);
  const split = (numFixed: number, group: number, numFree: number): number =>
    numFixed > group ? Math.min(groups.free, numFree) * (3 * dim * 4 + rowStateBytes) : 0;
  return (
    (numUsers + numItems) * (dim * 4 + 8) +
    Math.max(split(numUsers, groups.users, numItems), split(numItems, groups.items, numUsers))
  );
}

/** @param numRows of the fixed side @param dim padded */
function memoryLayout(numRows: number, dim: number) {
  return layoutOf({ fixed: numRows * dim * 4, gramian: storedGramianLayout(dim), diag: dim * 4 });
}

type Memory = Omit<ReturnType<ReturnType<typeof memoryLayout>['allocate']>, 'gramian'>;

/** Pairs of a side with some blocks of the other one. */
interface Group {
  /** Rows of the other side. */
  readonly first: number;
  readonly end: number;
  readonly rows: SparseRows;
}

interface Side {
  readonly vectors: StoredRows;
  readonly sizes: Uint32Array;
  readonly ranges: Uint32Array;
  /** f32 by row. */
  readonly reg: StoredRows;
  /** Its pairs, by groups of the fixed side's blocks. */
  readonly groups: readonly Group[];
  /** Whether rows without pairs are 0: those of a normal start are not. */
  areEmptyRowsZero: boolean;
}

/** What a group of rows of the free side keeps between passes. */
interface Residuals {
  readonly R: StoredRows;
  readonly P: StoredRows;
  readonly Y: StoredRows;
  readonly S: StoredRows;
}

/**
 * The same objective and the same steps as `trainAls`, in an order of additions of its own: the bits depend on neither
 * `groups`, nor threads. Errors, resuming and cost are trainAls's, but that each pass over the pairs copies the fixed
 * side into kernel memory where it is not there.
 */
export async function trainByPartialSums(
  pool: ComputePool,
  { byUser, numItems }: { readonly byUser: SparseRows; readonly numItems: number },
  options: AlsOptions,
  clock: () => number,
  hooks: (training: PartialSumsTraining) => EpochHooks<PartialSumsState>,
  groups: GroupSizes = groupSizes(
    { numUsers: byUser.numRows, numItems, longest: 0 },
    paddedDim(options.factors),
  ),
): Promise<PartialSumsState & PartialSumsTraining & { readonly epochs: readonly EpochReport[] }> {
  const { workspace } = pool;
  const dim = paddedDim(options.factors);
  const rowBytes = dim * 4;
  const numUsers = byUser.numRows;
  const memory = memoryLayout(Math.max(groups.users, groups.items), dim).allocate(workspace);
  const gramian = storedGramianEngine(pool, options.factors, memory.gramian);

  const users = sideOf(
    numUsers,
    numItems,
    dim,
    options,
    workspace.kernels.power,
    cut(numItems, groups.items, (first, end) =>
      end - first === numItems ? byUser : columnRange(byUser, first, end),
    ),
  );
  const items = sideOf(
    numItems,
    numUsers,
    dim,
    options,
    workspace.kernels.power,
    cut(numUsers, groups.users, (first, end) => transposeRange(byUser, numItems, first, end)),
  );
  const isSplit = Math.max(users.groups.length, items.groups.length) > 1;
  const kept = isSplit ? residuals(Math.min(groups.free, Math.max(numUsers, numItems)), rowBytes) : undefined;

  const passes = new Passes(pool, dim, memory, groups.free, options);

  const sides: AlsSides<Side, PartialSumsState> = {
    users,
    items,
    kernels: workspace.kernels,
    state: { users: users.vectors, items: items.vectors, eigenvalues: new Float64Array(dim) },
    *pieces({ vectors }) {
      for (const { values } of storedPieces(vectors)) yield values;
    },
    eigen: ({ vectors }) => gramian.eigen(vectors),
    rotate: ({ vectors }, Q) => gramian.rotate(vectors, Q),
    async multiply(to, from) {
      for (const { first, end, rows } of to.groups) {
        const V = await passes.load(from, first, end);
        const X = first === 0 ? made(to.vectors) : changed(to.vectors);
        await pool.run({ kernel: 'addPreferred', bounds: to.ranges, sparse: rows, args: [V, X, dim] });
      }
    },
    async improve(free, fixed, eigenvalues) {
      workspace.f32(memory.diag, dim).set(eigenvalues.map((value) => options.unobservedWeight * value));
      clearEmptyRows(free);
      const [group] = free.groups;
      if (kept !== undefined && free.groups.length > 1) return passes.improveInTurn(free, fixed, kept);
      return group === undefined ? 0 : passes.improveAtOnce(free, fixed, group);
    },
    async userRegularisation() {
      const { vectors, ranges, reg } = users;
      const args = [read(vectors), dim, read(reg)] as const;
      return sum(await pool.run({ kernel: 'weightedSquares', bounds: ranges, args }));
    },
  };
  const training: PartialSumsTraining = {
    async itemsInMemory() {
      return { address: await passes.load(items, 0, numItems), numRows: numItems, dim };
    },
  };
  const epochs = await alternate(sides, options, byUser.idx.length, clock, hooks(training));
  return { ...sides.state, ...training, epochs };
}

/** Passes of free rows over the fixed side, of which a group of rows is in kernel memory at a time. */
class Passes {
  readonly #pool: ComputePool;
  readonly #dim: number;
  readonly #memory: Memory;
  readonly #freeAtOnce: number;
  readonly #steps: number;
  readonly #beta: number;

  constructor(pool: ComputePool, dim: number, memory: Memory, freeAtOnce: number, options: AlsOptions) {
    this.#pool = pool;
    this.#dim = dim;
    this.#memory = memory;
    this.#freeAtOnce = freeAtOnce;
    this.#steps = options.cgSteps;
    this.#beta = betaOf(options.objective);
  }

  /** Copies rows of a side into kernel memory; returns the address where row 0 would stand, which may be below 0. */
  async load({ vectors }: Side, first: number, end: number): Promise<number> {
    const at = this.#memory.fixed - first * this.#dim * 4;
    const bounds = evenRanges(end - first, copiedRows).map((row) => first + row);
    await this.#pool.run({ kernel: 'keepRows', bounds, args: [{ rows: vectors, at, access: 'read' }] });
    return at;
  }

  /** All of the fixed side is in memory: a row's steps are taken at once. */
  async improveAtOnce(free: Side, fixed: Side, { first, end, rows }: Group): Promise<number> {
    const V = await this.load(fixed, first, end);
    const vectors = changed(free.vectors);
    const losses = await this.#pool.run({
      kernel: 'improveByBlocks',
      bounds: free.ranges,
      sparse: rows,
      args: [V, vectors, this.#dim, this.#memory.diag, read(free.reg), this.#beta, this.#steps],
    });
    return sum(losses);
  }

  /** One pass of some free rows over all groups of the fixed side after the other. */
  async improveInTurn(free: Side, fixed: Side, tile: Residuals): Promise<number> {
    const dim = this.#dim;
    const steps = this.#steps;
    const { diag } = this.#memory;
    let objective = 0;
    for (const bounds of tilesOf(free.ranges, this.#freeAtOnce)) {
      const { R, P, Y, S } = from(tile, bounds[0] ?? 0);
      await this.#pool.run({
        kernel: 'beginRows',
        bounds,
        args: [read(free.vectors), made(R), made(S), dim, diag, read(free.reg)],
      });
      for (let pass = 0; pass <= steps; pass++) {
        const [D, sums] = pass === 0 ? [free.vectors, R] : [P, Y];
        for (const { first, end, rows } of free.groups) {
          const V = await this.load(fixed, first, end);
          await this.#pool.run({
            kernel: 'addPartialSums',
            bounds,
            sparse: rows,
            args: [V, read(D), dim, changed(sums), changed(S), this.#beta, pass, steps],
          });
        }
        const kept = [changed(free.vectors), changed(R), changed(P), changed(Y), changed(S)] as const;
        const shares = await this.#pool.run({
          kernel: 'stepRows',
          bounds,
          kernelScratchBytes: dim * 4,
          args: [...kept, dim, diag, read(free.reg), pass, steps, 'scratch'],
        });
        if (pass === steps) objective = shares.reduce((total, share) => total + share, objective);
      }
    }
    return objective;
  }
}

function cut(numRows: number, size: number, rowsOf: (first: number, end: number) => SparseRows): Group[] {
  const bounds = evenRanges(numRows, size);
  return Array.from(bounds.subarray(1), (end, at) => {
    const first = bounds[at] ?? 0;
    return { first, end, rows: rowsOf(first, end) };
  });
}

function sideOf(
  numRows: number,
  otherSide: number,
  dim: number,
  options: AlsOptions,
  power: (x: number, y: number) => number,
  groups: readonly Group[],
): Side {
  const sizes = new Uint32Array(numRows);
  for (const { rows } of groups)
    rowSizes(rows).forEach((size, row) => (sizes[row] = (sizes[row] ?? 0) + size));
  const reg = allocateStoredRows(numRows, 4);
  const regularisation = rowRegularisation(options, otherSide, power);
  const bySize = new Map<number, number>();
  for (const { from, values } of storedPieces(reg)) {
    for (let at = 0; at < values.length; at++) {
      const size = sizes[from + at] ?? 0;
      const value = bySize.get(size) ?? regularisation(size);
      bySize.set(size, value);
      values[at] = value;
    }
  }
  const vectors = allocateStoredRows(numRows, dim * 4);
  return { vectors, sizes, ranges: rangesOfSizes(sizes), reg, groups, areEmptyRowsZero: false };
}

function clearEmptyRows(side: Side): void {
  if (side.areEmptyRowsZero) return;
  side.sizes.forEach((size, row) => {
    if (size === 0) storedBytes(side.vectors, row, row + 1).fill(0);
  });
  side.areEmptyRowsZero = true;
}

function residuals(numRows: number, rowBytes: number): Residuals {
  return {
    R: allocateStoredRows(numRows, rowBytes),
    P: allocateStoredRows(numRows, rowBytes),
    Y: allocateStoredRows(numRows, rowBytes),
    S: allocateStoredRows(numRows, rowStateBytes),
  };
}

/** The same memory for rows from `first` on. */
function from({ R, P, Y, S }: Residuals, first: number): Residuals {
  return { R: { ...R, first }, P: { ...P, first }, Y: { ...Y, first }, S: { ...S, first } };
}

/** Consecutive ranges of at most so many rows together, which is at least one range's. */
function* tilesOf(ranges: Uint32Array, mostRows: number): Generator<Uint32Array> {
  for (let from = 0; from < ranges.length - 1;) {
    let to = from + 1;
    while (to < ranges.length - 1 && (ranges[to + 1] ?? 0) - (ranges[from] ?? 0) <= mostRows) to++;
    yield ranges.subarray(from, to + 1);
    from = to;
  }
}

const read = (rows: StoredRows): StoredArgument => ({ rows, at: 'scratch', access: 'read' });
const changed = (rows: StoredRows): StoredArgument => ({ rows, at: 'scratch', access: 'change' });
const made = (rows: StoredRows): StoredArgument => ({ rows, at: 'scratch', access: 'make' });

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
