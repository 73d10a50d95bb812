import type { ComputePool } from '../../compute/pool.js';
import { copyRows, sparseLayout, type RowAddresses } from '../../compute/sparse-arrays.js';
import { numTiles, tileBytes, tileNumber, tileRows, tileSize, triangleBytes } from '../../compute/tiles.js';
import { layoutOf, maxWorkspaceBytes, type Workspace, inScope } from '../../compute/workspace.js';
import { evenRanges } from '../../numeric/csr.js';
import { denseMatrix } from '../item-item/dense-matrix.js';
import type { RankedMatrix } from '../item-item/rank-by-history.js';
import type { TrainingMemory, TrainingSize } from '../item-item/item-item-model.js';
import { inversionLayout, invertSymmetric } from './invert-symmetric.js';
import type { TrainingRows } from '../als/train-als.js';

/** Changed whenever the same options and interactions would give other bits than before. */
export const easeAlgorithmVersion = 1;

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
export function easeWork({ numUsers, numItems, nnz }: TrainingSize, form: EaseForm): number {
  if (form === 'items') return numItems ** 3 / 2;
  return numUsers ** 3 / 2 + nnz * (numUsers + numItems / 2);
}

/**
 * The cheaper form that fits. Decided by the data alone and not by the number of threads, since the two differ in their
 * last bits: where they meet in size, the users' form leaves a sixteenth of the workspace for the threads' scratch.
 */
export function easeForm(size: TrainingSize): EaseForm {
  const users = memoryOf(size, 'users');
  const fits = users.result + users.beside <= (15 / 16) * maxWorkspaceBytes;
  return fits && easeWork(size, 'users') < easeWork(size, 'items') ? 'users' : 'items';
}

/**
 * The result takes about 4 · numItems². Beside it: 16 bytes a pair, and either 1,024 · numItems or
 * 4 · numUsers² + 1,024 · numUsers. Scratch: up to 512 · numUsers.
 */
export function easeMemory(size: TrainingSize): TrainingMemory {
  return memoryOf(size, easeForm(size));
}

function memoryOf(size: TrainingSize, form: EaseForm): TrainingMemory {
  const { numUsers, numItems } = size;
  return {
    result: triangleBytes(numItems),
    beside: besideLayout(size, form).bytes + inversionLayout(form === 'items' ? numItems : numUsers).bytes,
    scratchBytes: form === 'items' ? tileBytes : (2 + tileRows(numUsers)) * tileBytes + 4 * tileSize,
  };
}

function besideLayout({ numUsers, numItems, nnz }: TrainingSize, form: EaseForm) {
  return layoutOf({
    users: sparseLayout(numUsers, nnz),
    items: sparseLayout(numItems, nnz),
    K: form === 'users' ? triangleBytes(numUsers) : undefined,
    factor: tileRows(numItems) * tileSize * 8,
  });
}

/**
 * EASE (Steck 2019, eq. 8): the item × item matrix B, zero on its diagonal, that minimises ‖X − XB‖² + λ‖B‖²:
 * B_ij = −P_ij / P_jj with P = (XᵀX + λI)⁻¹. X is users × items, its entries signed weights. Everything up to the last
 * rounding in f64. B stands as dense-matrix.ts says. The same bits at any number of
 * threads. AppError 'diverged' where λ is too small for f64.
 * @param pool with the workspace and scratch of `easeMemory`
 */
export async function trainEase(
  pool: ComputePool,
  { byUser, byItem }: TrainingRows,
  reg: number,
  onStep: (phase: EasePhase, done: number, total: number) => void,
): Promise<RankedMatrix> {
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
    return denseMatrix(size.numItems, S);
  });
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
