/** How the pairs of a history are weighed: the same in training and in every fold-in after it. */
import type { Pairs } from '../../contracts.js';
import { AppError } from '../../errors.js';
import type { SparseRows } from '../../numeric/csr.js';
import {
  pairWeights,
  weightScale,
  type Transcendental,
  type Weighting,
  type WeightScale,
} from '../../numeric/pair-weights.js';
import { isTime, noTime } from '../../numeric/pairs.js';
import { usersOf } from '../../numeric/split-pairs.js';
import { decayFrom, decayFunction, type Decay } from './decay.js';
import type { WeighingOptions } from './weighing-options.js';

export interface HistoryWeights {
  readonly weighting: Weighting;
  /** The training's. */
  readonly scale: WeightScale;
  /** Whether older listening counts less: as in training, unless it is asked for otherwise. */
  readonly decay: Decay | undefined;
}

/**
 * What weights are relative to, taken from the pairs that are trained on. AppError 'bad-usage' for a half-life where no
 * pair has a time, and for a half-life or a cap with which every pair weighs what it weighs without.
 */
export function historyWeights(pairs: Pairs, options: WeighingOptions, math: Transcendental): HistoryWeights {
  const { halfLife, asOf } = options;
  const decay = halfLife === undefined ? undefined : decayFrom(halfLife, asOf, latestOf(pairs));
  const age = decay === undefined ? undefined : decayFunction(decay, math.power);
  const weights = { weighting: options, scale: weightScale(pairs, options, math, age), decay };
  if (options.cap !== Infinity && options.f.kind === 'binary') throw withoutEffect('cap');
  if (decay !== undefined && weighAlike(pairs, weights, { ...weights, decay: undefined }, math))
    throw withoutEffect('halfLife');
  return weights;
}

function withoutEffect(option: 'cap' | 'halfLife'): AppError {
  const message = `\`${option}\` has no effect: with this \`confidence\` and these events all pairs weigh the same without it`;
  return new AppError('bad-usage', message, { suggestions: [`leave \`${option}\` out`] });
}

/** Users that are compared at a time: mostly the first differ. */
const usersAtOnce = 1024;

function weighAlike(pairs: Pairs, a: HistoryWeights, b: HistoryWeights, math: Transcendental): boolean {
  for (let from = 0; from < pairs.numUsers; from += usersAtOnce) {
    const users = usersOf(pairs, from, Math.min(pairs.numUsers, from + usersAtOnce));
    const [one, other] = [historyRows(a, users, math).weight, historyRows(b, users, math).weight];
    if (one.length !== other.length || one.some((weight, p) => weight !== other[p])) return false;
  }
  return true;
}

function latestOf({ lastAt }: Pairs): number | undefined {
  const latest = lastAt.reduce((last, at) => (at > last ? at : last), noTime);
  return !isTime(latest) ? undefined : Number(latest);
}

/** The pairs of histories as solvers read them. */
export function historyRows(
  { weighting, scale, decay }: HistoryWeights,
  histories: Pairs,
  math: Transcendental,
): SparseRows {
  const age = decay === undefined ? undefined : decayFunction(decay, math.power);
  return pairWeights(histories, weighting, scale, math, age);
}
