/** The fold of models whose users are the mean of their seen items. */
import { setImmediate } from 'node:timers/promises';
import { KeptWorkspace } from '../../compute/kept-workspace.js';
import { openWorkspace, type Workspace } from '../../compute/workspace.js';
import type { Factors } from '../../compute/factors.js';
import type { Pairs } from '../../contracts.js';
import type { SparseRows } from '../../numeric/csr.js';
import { noTime } from '../../numeric/pairs.js';
import { readVectorRows, type VectorFile } from '../../compute/vector-file.js';
import { historyRows, type HistoryWeights } from './history-weights.js';
import { innerProduct } from './score-parts.js';
import { withAll, type FoldSizes, type UserFold } from './user-fold.js';

/** What an item brings to its listeners' vectors, by rows of `stride` floats. */
interface InputRows {
  readonly values: Float32Array;
  readonly stride: number;
}

export interface InputVectors {
  /** The rows given, in that order, until others are asked for. */
  some(rows: ArrayLike<number>): InputRows;
  /** Of every item. */
  every(): InputRows;
}

export interface MeanFoldModel {
  /** Not padded. */
  readonly dim: number;
  readonly weights: HistoryWeights;
  /** After so many later items of the history an item counts half; 0: all count the same. */
  readonly recency: number;
  readonly inputs: InputVectors;
}

/** Users between two turns of the event loop. */
const usersAtOnce = 4096;

/**
 * A user's vector = Σ w·x / Σ |w| over their history: x the input vector of an item, w its weight as in training,
 * halved for every `recency` items of theirs with a later time (what has no time is of now), negative for a dislike;
 * 0 for a history without weight. Summed in f64 in the order of item rows: the same bits for one and for all.
 */
export function meanFold(model: MeanFoldModel): UserFold {
  const { dim, inputs } = model;
  const { kernels } = openWorkspace(0);
  const weigh = (histories: Pairs): SparseRows => {
    const rows = historyRows(model.weights, histories, kernels);
    if (model.recency > 0) {
      const halvings = (later: number): number => kernels.power(0.5, later / model.recency);
      weighByRecency(rows, histories, halvings);
    }
    return rows;
  };
  const sum = new Float64Array(dim);
  /** @param offsetOf where in `values` the vector of an entry's item starts */
  const fold = (
    { idx, weight }: SparseRows,
    from: number,
    to: number,
    values: Float32Array,
    offsetOf: (entry: number, item: number) => number,
    out: Float32Array,
  ): void => {
    sum.fill(0);
    let norm = 0;
    for (let entry = from; entry < to; entry++) {
      const w = weight[entry] ?? 0;
      const offset = offsetOf(entry, idx[entry] ?? 0);
      norm += Math.abs(w);
      for (let f = 0; f < dim; f++) sum[f] = (sum[f] ?? 0) + w * (values[offset + f] ?? 0);
    }
    for (let f = 0; f < dim; f++) out[f] = norm === 0 ? 0 : (sum[f] ?? 0) / norm;
  };

  return withAll({
    ...meanFoldSizes(dim),
    one(history) {
      const rows = weigh(history);
      const { values, stride } = inputs.some(rows.idx);
      const vector = new Float32Array(dim);
      fold(rows, 0, rows.idx.length, values, (entry) => entry * stride, vector);
      return { vector, converged: true };
    },
    rowsOf: weigh,
    async allOf({ workspace }, _items, rows, users) {
      const { values, stride } = inputs.every();
      const vectors = workspace.f32(users.address, users.numRows * users.dim).fill(0);
      for (let u = 0; u < rows.numRows; u++) {
        if (u % usersAtOnce === usersAtOnce - 1) await setImmediate();
        const out = vectors.subarray(u * users.dim, u * users.dim + dim);
        fold(rows, rows.indptr[u] ?? 0, rows.indptr[u + 1] ?? 0, values, (_, item) => item * stride, out);
      }
      return 0;
    },
    parts(history) {
      const { idx, weight } = weigh(history);
      const { values: theirs, stride } = inputs.some(idx);
      const values = theirs.slice();
      const norm = weight.reduce((sum, w) => sum + Math.abs(w), 0);
      const shares = Float64Array.from(weight, (w) => w / norm);
      return {
        items: idx,
        of: (target) => shares.map((share, p) => share * innerProduct(values, p * stride, target, dim)),
      };
    },
  });
}

export function meanFoldSizes(dim: number): FoldSizes {
  return { dim, allBytes: () => 0, scratchBytes: () => 64 };
}

/** Input vectors that stand in a workspace. */
export function factorInputs(workspace: Workspace, { address, numRows, dim: stride }: Factors): InputVectors {
  const every = (): InputRows => ({ values: workspace.f32(address, numRows * stride), stride });
  return {
    every,
    some(rows) {
      const { values } = every();
      const some = new Float32Array(rows.length * stride);
      for (let at = 0; at < rows.length; at++) {
        const row = rows[at] ?? 0;
        some.set(values.subarray(row * stride, (row + 1) * stride), at * stride);
      }
      return { values: some, stride };
    },
  };
}

/** Multiplies every entry's weight by `factor` of how many of its row's entries have a later time. */
function weighByRecency(
  { idx, weight, indptr, numRows }: SparseRows,
  histories: Pairs,
  factor: (later: number) => number,
): void {
  for (let u = 0; u < numRows; u++) {
    const from = indptr[u] ?? 0;
    const to = indptr[u + 1] ?? 0;
    // Entries are the user's pairs without those that weigh nothing, in the same order.
    const times: bigint[] = [];
    for (let entry = from, p = histories.indptr[u] ?? 0; entry < to; p++) {
      if (histories.item[p] !== idx[entry]) continue;
      times.push(histories.lastAt[p] ?? noTime);
      entry++;
    }
    const order = times.map((_, at) => at).sort((a, b) => compareLatestFirst(times[a], times[b]));
    let later = 0;
    order.forEach((at, place) => {
      // Of one time all have as many later ones as the first of them.
      if (times[order[later] ?? 0] !== times[at]) later = place;
      weight[from + at] = (weight[from + at] ?? 0) * factor(later);
    });
  }
}

function compareLatestFirst(a: bigint = noTime, b: bigint = noTime): number {
  if (a === b) return 0;
  if (a === noTime || b === noTime) return a === noTime ? -1 : 1;
  return a > b ? -1 : 1;
}

/** Input vectors of a file, which stays the caller's; all of them are kept in memory once all are asked for. */
export function fileInputs(file: VectorFile): InputVectors {
  let every: InputRows | undefined;
  const memory = new KeptWorkspace();
  return {
    some: (rows) => readVectorRows(file, rows, memory),
    every: () => (every ??= readVectorRows(file)),
  };
}

/** What a manifest's options say of a fold by mean. */
export function recencyFromOptions(options: Readonly<Record<string, unknown>>): number {
  const recency = options['recency'];
  return typeof recency === 'number' && recency > 0 ? recency : 0;
}
