import { equationsFromOptions } from '../folding/model-equations.js';

/** What a manifest says of how a model was trained. */
export interface Equations {
  readonly fold: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * What an item's vector counts for in the ridge map: as its regularisation in training, by how many users it has, and by
 * those who could have had it. Of a model without such equations: by its users, less unequal.
 * @param users [numItems] of each item
 */
export function ridgeWeights(users: ArrayLike<number>, numUsers: number, model: Equations): Float64Array {
  const all = Float64Array.from(users);
  const { fold, options, parameters = {} } = model;
  const hasEquations = fold === 'normal-equations' || fold === 'rotated-equations';
  const unobserved = hasEquations ? equationsFromOptions(options, parameters).unobservedWeight * numUsers : 0;
  const least = unobserved || all.reduce((sum, each) => sum + each, 0) / all.length || 1;
  return all.map((each) => each + least);
}
