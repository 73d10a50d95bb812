/**
 * The fold of vectors that stand as another program made them: the normal equations of models/als, solved in the eigenbasis of
 * the vectors' own Gramian YᵀY = QΛQᵀ. The vectors stay as they are; those of a history are turned by Q, and what is solved
 * is turned back.
 */
import { factorsLayout, paddedDim, type Factors } from '../../compute/factors.js';
import { KeptWorkspace } from '../../compute/kept-workspace.js';
import { layoutOf, type Workspace, inScope } from '../../compute/workspace.js';
import type { ComputePool } from '../../compute/pool.js';
import { evenRanges, type SparseRows } from '../../numeric/csr.js';
import type { VectorFile } from '../../compute/vector-file.js';
import { foldInAll, foldInOne, type FoldInModel } from './fold-in.js';
import { historyRows } from './history-weights.js';
import { equationParts } from './score-parts.js';
import { normalEquationsSizes, withAll, type FoldSizes, type UserFold } from './user-fold.js';

/** Rows a range: enough to hide the hand-over. */
const rowsAtOnce = 4096;
/** The rotation kernel's scratch: four rows. */
const scratchRows = 4;

/** @param numItems all may be turned at once */
export function rotatedSizes(dim: number, numItems: number): FoldSizes {
  const plain = normalEquationsSizes(dim);
  const padded = paddedDim(dim);
  return {
    dim,
    allBytes: (numUsers) => plain.allBytes(numUsers) + turningLayout(numItems, padded).bytes,
    scratchBytes: (longest) => Math.max(plain.scratchBytes(longest), scratchRows * padded * 4),
  };
}

/**
 * @param model its eigenvalues are those of the Gramian of the item vectors as they stand
 * @param rotation Q, f32 [dim × dim] row-major: column f is the eigenvector of eigenvalue f
 */
export function rotatedEquationsFold(model: FoldInModel, rotation: Float32Array): UserFold {
  const { dim } = model;
  const padded = paddedDim(dim);
  const turn = paddedMatrix(rotation, dim, padded, false);
  const back = paddedMatrix(rotation, dim, padded, true);
  const memory = new KeptWorkspace();
  const turning = new KeptWorkspace();
  return withAll({
    ...rotatedSizes(dim, model.numItems),
    one(history, itemVectors) {
      const folded = foldInOne(model, history, turnedRows(itemVectors, turn, padded, turning), memory);
      return { ...folded, vector: turned(folded.vector, back, padded, turning) };
    },
    parts(history, user, itemVectors) {
      const rows = turnedRows(itemVectors, turn, padded, turning);
      const { items, of } = equationParts(model, history, turned(user, turn, padded, turning), rows);
      return { items, of: (target) => of(turned(target.subarray(0, dim), turn, padded, turning)) };
    },
    rowsOf: (histories, math) => historyRows(model.weights, histories, math),
    async allOf(pool, items, rows, users) {
      const { workspace } = pool;
      return inScope(workspace, async () => {
        const seen = seenRows(rows, items.numRows);
        const { vectors, matrix } = turningLayout(seen.length, padded).allocate(workspace);
        copyRows(workspace, items, seen, vectors);
        await turnAll(pool, vectors, matrix, turn);
        const unconverged = await foldInAll(pool, model, vectors, renumbered(rows, seen), users);
        await turnAll(pool, users, matrix, back);
        return unconverged;
      });
    },
  });
}

/** Rows that are turned, and what they are turned by. */
function turningLayout(numRows: number, padded: number) {
  return layoutOf({ vectors: factorsLayout(numRows, padded), matrix: padded * padded * 4 });
}

/** f32 [padded × padded], the rest zeros, so that padded dimensions stay zeros. */
function paddedMatrix(Q: Float32Array, dim: number, padded: number, transposed: boolean): Float32Array {
  const matrix = new Float32Array(padded * padded);
  for (let i = 0; i < dim; i++)
    for (let j = 0; j < dim; j++) matrix[i * padded + j] = Q[transposed ? j * dim + i : i * dim + j] ?? 0;
  return matrix;
}

/** Vectors that are turned as they are read: the bits do not depend on which are read together. */
function turnedRows(
  itemVectors: Pick<VectorFile, 'readRowsInto'>,
  Q: Float32Array,
  padded: number,
  memory: KeptWorkspace,
): Pick<VectorFile, 'readRowsInto'> {
  return {
    readRowsInto(workspace, address, rows) {
      const own = openTurning(Q, padded, rows.length, memory);
      itemVectors.readRowsInto(own.workspace, own.address, rows);
      own.turn();
      const bytes = rows.length * padded * 4;
      workspace.u8(address, bytes).set(own.workspace.u8(own.address, bytes));
    },
  };
}

function turned(vector: Float32Array, Q: Float32Array, padded: number, memory: KeptWorkspace): Float32Array {
  const own = openTurning(Q, padded, 1, memory);
  const place = own.workspace.f32(own.address, padded).fill(0);
  place.set(vector);
  own.turn();
  return place.slice(0, vector.length);
}

/** Memory for some rows, until it is taken again, and Q to turn them by. */
function openTurning(
  Q: Float32Array,
  padded: number,
  numRows: number,
  memory: KeptWorkspace,
): { readonly workspace: Workspace; readonly address: number; turn(): void } {
  const layout = layoutOf({ rows: turningLayout(numRows, padded), scratch: scratchRows * padded * 4 });
  const workspace = memory.take(layout.bytes);
  const {
    rows: {
      vectors: { address },
      matrix,
    },
    scratch,
  } = layout.allocate(workspace);
  workspace.f32(matrix, Q.length).set(Q);
  return {
    workspace,
    address,
    turn: () => {
      workspace.kernels.rotate(0, numRows, address, padded, matrix, scratch);
    },
  };
}

async function turnAll(
  pool: ComputePool,
  { address, numRows, dim }: Factors,
  matrix: number,
  Q: Float32Array,
): Promise<void> {
  if (numRows === 0) return;
  pool.workspace.f32(matrix, Q.length).set(Q);
  const bounds = evenRanges(numRows, rowsAtOnce);
  await pool.run({ kernel: 'rotate', bounds, args: [address, dim, matrix, 'scratch'] });
}

/** The items that some history has, ascending. */
function seenRows({ idx }: Pick<SparseRows, 'idx'>, numItems: number): Uint32Array {
  const isSeen = new Uint8Array(numItems);
  let count = 0;
  for (const item of idx) {
    if (isSeen[item] === 0) count++;
    isSeen[item] = 1;
  }
  const rows = new Uint32Array(count);
  for (let item = 0, to = 0; item < numItems; item++) if (isSeen[item] === 1) rows[to++] = item;
  return rows;
}

/** Histories over the seen items alone; since these ascend, every history keeps its order. */
function renumbered(rows: SparseRows, seen: Uint32Array): SparseRows {
  const placeOf = new Uint32Array((seen.at(-1) ?? 0) + 1);
  seen.forEach((item, place) => (placeOf[item] = place));
  return { ...rows, idx: rows.idx.map((item) => placeOf[item] ?? 0) };
}

function copyRows(workspace: Workspace, from: Factors, rows: Uint32Array, to: Factors): void {
  const bytes = to.dim * 4;
  const all = workspace.u8(0, workspace.memory.buffer.byteLength);
  rows.forEach((row, at) => {
    const start = from.address + row * bytes;
    all.copyWithin(to.address + at * bytes, start, start + bytes);
  });
}
