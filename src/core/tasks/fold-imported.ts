/** What a snapshot of imported vectors folds with, and the vectors of the users who are folded in. */
import type { Factors } from '../compute/factors.js';
import type { ModelFile } from '../contracts.js';
import { npyHeader } from '../files/npy.js';
import type { ModelOptions } from '../models/model.js';
import { usersOf } from '../numeric/split-pairs.js';
import { gramianEngine, gramianLayout } from '../models/als/gramian.js';
import { meanFold } from '../models/folding/mean-fold.js';
import { equationsFromOptions, weightsFromOptions } from '../models/folding/model-equations.js';
import { rotatedEquationsFold } from '../models/folding/rotated-fold.js';
import type { UserFold } from '../models/folding/user-fold.js';
import { vectorFileChunks } from '../compute/vector-file.js';
import type { ReadImport } from './import-inputs.js';

export interface FoldedImport {
  /** What scorer and fold read: the vectors as they were imported, to the bit, and what the fold takes from them. */
  readonly files: () => Generator<readonly [ModelFile, Iterable<Uint8Array>]>;
  /** Users whose fold-in stopped at its step limit. */
  readonly unconverged: number;
}

/** Folds everyone in whose vector was not imported, into the rows after those that were. */
export async function foldImported(read: ReadImport, settings: ModelOptions): Promise<FoldedImport> {
  const { pool, items, users, dim, imported, interactions } = read;
  const { workspace } = pool;
  const { numRows: numItems } = items;
  const weights = weightsFromOptions(settings, {}, () => new Float32Array(0));
  const itemFile = (): readonly [ModelFile, Iterable<Uint8Array>] => [
    'itemVectors',
    vectorFileChunks(workspace, items.address, numItems, dim),
  ];
  const foldRest = async (fold: UserFold): Promise<number> => {
    const rest: Factors = {
      address: users.address + imported * users.dim * 4,
      numRows: users.numRows - imported,
      dim: users.dim,
    };
    if (rest.numRows === 0) return 0;
    return fold.all(pool, items, usersOf(interactions.pairs, imported, users.numRows), rest);
  };

  if (settings['measure'] === 'cosine') {
    const inputs = unitVectors(workspace.f32(items.address, numItems * items.dim), numItems, dim, items.dim);
    const rows = { values: inputs, stride: dim };
    const some = (): never => {
      throw new Error('everyone is folded in at once');
    };
    const fold = meanFold({ dim, weights, recency: 0, inputs: { every: () => rows, some } });
    const unconverged = await foldRest(fold);
    return {
      unconverged,
      *files() {
        yield itemFile();
        yield ['inputVectors', [npyHeader('<f4', [numItems, dim]), new Uint8Array(inputs.buffer)]];
      },
    };
  }

  const mark = workspace.mark();
  const arrays = gramianLayout(numItems, items.dim).allocate(workspace);
  const { values, vectors } = await gramianEngine(pool, dim, arrays).eigen(items);
  workspace.release(mark);
  const eigenvalues = values.slice(0, dim);
  const rotation = Float32Array.from(
    { length: dim * dim },
    (_, at) => vectors[Math.floor(at / dim) * items.dim + (at % dim)] ?? 0,
  );
  const equations = equationsFromOptions(settings, {});
  const fold = rotatedEquationsFold({ dim, numItems, eigenvalues, equations, weights }, rotation);
  const unconverged = await foldRest(fold);
  return {
    unconverged,
    *files() {
      yield itemFile();
      yield ['eigenvalues', [npyHeader('<f8', [dim]), new Uint8Array(eigenvalues.buffer)]];
      yield ['rotation', [npyHeader('<f4', [dim, dim]), new Uint8Array(rotation.buffer)]];
    },
  };
}

/** f32 [numRows × dim] of length 1, or 0 where the row is; summed in f64. @param stride floats of a row of `values` */
function unitVectors(values: Float32Array, numRows: number, dim: number, stride: number): Float32Array {
  const units = new Float32Array(numRows * dim);
  for (let row = 0; row < numRows; row++) {
    let squares = 0;
    for (let f = 0; f < dim; f++) squares += (values[row * stride + f] ?? 0) ** 2;
    const length = Math.sqrt(squares);
    for (let f = 0; f < dim && length > 0; f++)
      units[row * dim + f] = (values[row * stride + f] ?? 0) / length;
  }
  return units;
}
