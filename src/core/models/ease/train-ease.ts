import type { ComputePool } from '../../compute/pool.js';
import { numTiles, tileBytes, tileNumber, tileRows, tileSize, triangleBytes } from '../../compute/tiles.js';
import { layoutOf, maxWorkspaceBytes, type Workspace, inScope } from '../../compute/workspace.js';
import { evenRanges, type SparseRows } from '../../numeric/csr.js';
import { inversionLayout, invertSymmetric } from './invert-symmetric.js';
import type { TrainingRows } from '../als/train-als.js';

/** Changed whenever the same options and interactions would give other bits than before. */
export const easeAlgorithmVersion = 1;

/** What decides the size of a training. */
export interface EaseSize {
  readonly numUsers: number;
  readonly numItems: number;
  /** Pairs that weigh something. */
  readonly nnz: number;
}

/**
 * Which Gram matrix is inverted: that of the items, XᵀX, or that of the users, XXᵀ, from whose inverse that of the
 * items follows by the Woodbury identity. The fewer rows, the cheaper.
 */
export type EaseForm = 'items' | 'users';

/** What training reports: rows of tiles done. */
export type EasePhase = 'inverting' | 'similarities';

/** Tiles a range of the last pass. */
const tilesAtOnce = 64;
/** Columns of tiles between two reports. */
const columnsAtOnce = 16;

/** Multiplications of a training, about: those of the inverse, and what sparse products cost beside it. */
export function easeWork({ numUsers, numItems, nnz }: EaseSize, form: EaseForm): number {
  if (form === 'items') return numItems ** 3 / 2;
  return numUsers ** 3 / 2 + nnz * (numUsers + numItems / 2);
}

/**
 * The cheaper form that fits. Decided by the data alone and not by the number of threads, since the two differ in their
 * last bits: where they meet in size, the users' form leaves a sixteenth of the workspace for the threads' scratch.
 */
export function easeForm(size: EaseSize): EaseForm {
  const users = memoryOf(size, 'users');
  const fits = users.result + users.beside <= (15 / 16) * maxWorkspaceBytes;
  return fits && easeWork(size, 'users') < easeWork(size, 'items') ? 'users' : 'items';
}

/** Bytes of workspace that hold the result, that training takes beside it and gives back, and of scratch a thread. */
export interface EaseMemory {
  readonly result: number;
  readonly beside: number;
  readonly scratchBytes: number;
}

/**
 * The result takes about 4 · numItems². Beside it: 16 bytes a pair, and either 1,024 · numItems or
 * 4 · numUsers² + 1,024 · numUsers. Scratch: up to 512 · numUsers.
 */
export function easeMemory(size: EaseSize): EaseMemory {
  return memoryOf(size, easeForm(size));
}

function memoryOf(size: EaseSize, form: EaseForm): EaseMemory {
  const { numUsers, numItems } = size;
  return {
    result: triangleBytes(numItems),
    beside: besideLayout(size, form).bytes + inversionLayout(form === 'items' ? numItems : numUsers).bytes,
    scratchBytes: form === 'items' ? tileBytes : (2 + tileRows(numUsers)) * tileBytes + 4 * tileSize,
  };
}

function besideLayout({ numUsers, numItems, nnz }: EaseSize, form: EaseForm) {
  const rows = (count: number) => layoutOf({ indptr: 4 * (count + 1), idx: 4 * nnz, weight: 4 * nnz });
  return layoutOf({
    users: rows(numUsers),
    items: rows(numItems),
    K: form === 'users' ? triangleBytes(numUsers) : undefined,
    factor: tileRows(numItems) * tileSize * 8,
  });
}

/**
 * EASE (Steck 2019, eq. 8): the item × item matrix B, zero on its diagonal, that minimises ‖X − XB‖² + λ‖B‖²:
 * B_ij = −P_ij / P_jj with P = (XᵀX + λI)⁻¹. X is users × items, its entries signed weights. Everything up to the last
 * rounding in f64. Returns the address of B as `similarity-matrix.ts` reads it. The same bits at any number of
 * threads. AppError 'diverged' where λ is too small for f64.
 * @param pool with the workspace and scratch of `easeMemory`
 */
export async function trainEase(
  pool: ComputePool,
  { byUser, byItem }: TrainingRows,
  reg: number,
  onStep: (phase: EasePhase, done: number, total: number) => void,
): Promise<number> {
  const { workspace } = pool;
  const size = { numUsers: byUser.numRows, numItems: byItem.numRows, nnz: byUser.idx.length };
  const S = workspace.allocate(triangleBytes(size.numItems));
  return inScope(workspace, async () => {
    const form = easeForm(size);
    const arrays = besideLayout(size, form).allocate(workspace);
    const { K, factor } = arrays;
    const users = copyRows(workspace, byUser, arrays.users);
    const items = copyRows(workspace, byItem, arrays.items);
    const onSweep = (done: number, total: number): void => {
      onStep('inverting', done, total);
    };
    if (form === 'items') {
      await regularisedGram(pool, items, users, size.numItems, reg, S);
      await invertSymmetric(pool, S, size.numItems, onSweep);
    } else {
      await regularisedGram(pool, users, items, size.numUsers, reg, K);
      await invertSymmetric(pool, K, size.numUsers, onSweep);
      const rows = tileRows(size.numItems);
      for (let from = 0; from < rows; from += columnsAtOnce) {
        const to = Math.min(rows, from + columnsAtOnce);
        const bounds = Uint32Array.from({ length: to - from + 1 }, (_, column) => from + column);
        const args = [...items, size.numItems, K, size.numUsers, S, 'scratch'] as const;
        await pool.run({ kernel: 'itemTiles', bounds, args });
        onStep('similarities', to, rows);
      }
    }
    setFactors(workspace, S, size.numItems, form, factor);
    await pool.run({
      kernel: 'similarityTiles',
      bounds: evenRanges(numTiles(size.numItems), tilesAtOnce),
      args: [S, factor, 'scratch'],
    });
    return S;
  });
}

export type RowAddresses = readonly [indptr: number, idx: number, weight: number];

/** Sparse rows where kernels read them. */
export function copyRows(
  workspace: Workspace,
  { numRows, indptr, idx, weight }: SparseRows,
  to: { readonly indptr: number; readonly idx: number; readonly weight: number },
): RowAddresses {
  workspace.u32(to.indptr, numRows + 1).set(indptr);
  workspace.u32(to.idx, idx.length).set(idx);
  workspace.f32(to.weight, idx.length).set(weight);
  return [to.indptr, to.idx, to.weight];
}

/** AAᵀ + λI, A the sparse rows. */
async function regularisedGram(
  pool: ComputePool,
  rows: RowAddresses,
  columns: RowAddresses,
  numRows: number,
  reg: number,
  tiles: number,
): Promise<void> {
  await pool.run({
    kernel: 'sparseGramTiles',
    bounds: evenRanges(tileRows(numRows), 1),
    args: [...rows, ...columns, numRows, reg, tiles],
  });
}

/**
 * What a column of S is multiplied by to become that of B. S is −P, so that B_ij = −P_ij / P_jj = S_ij · (−1 / S_jj); or
 * it is −XᵀKX with P = (I + S) / λ, and then B_ij = −S_ij / (1 + S_jj).
 */
function setFactors(
  workspace: Workspace,
  S: number,
  numItems: number,
  form: EaseForm,
  address: number,
): void {
  const factor = workspace.f64(address, tileRows(numItems) * tileSize);
  for (let t = 0; t < tileRows(numItems); t++) {
    const tile = workspace.f64(S + tileNumber(t, t) * tileBytes, tileSize * tileSize);
    for (let r = 0; r < tileSize; r++) {
      const diagonal = tile[r * tileSize + r] ?? 0;
      factor[t * tileSize + r] = -1 / (form === 'items' ? diagonal : 1 + diagonal);
    }
  }
}
