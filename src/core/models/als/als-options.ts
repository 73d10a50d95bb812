import { AppError } from '../../errors.js';
import { inRange } from '../given-options.js';
import { betaOf, type NormalEquations, type Objective } from '../../numeric/weighting.js';

/** What decides an ALS model's bits, beside the weighed pairs. Names are those of Rendle et al. 2021 where it has one. */
export interface AlsOptions {
  /** dim: 1 … 1,024. */
  readonly factors: number;
  readonly epochs: number;
  readonly objective: Objective;
  /** α₀. */
  readonly unobservedWeight: number;
  /** λ > 0. */
  readonly reg: number;
  /** ν. */
  readonly regExponent: number;
  /** Where training starts: a randomized SVD of the preferences, or N(0, σ* / √dim) with σ* = 0.1. */
  readonly init: 'svd' | 'normal';
  /** Steps of conjugate gradient a row and half-epoch. */
  readonly cgSteps: number;
  readonly seed: number;
}

/** Changed whenever the same options and interactions would give other bits than before. */
export const alsAlgorithmVersion = 3;

/** What each objective means by default. α₀ of ials is what Rendle et al. found for ML-20M; models make it, and λ, from the data. */
const objectiveDefaults = {
  ials: { unobservedWeight: 0.1, reg: 0.007, regExponent: 1 },
  hu: { unobservedWeight: 1, reg: 10, regExponent: 0 },
} as const;

const numbers = [
  ...(['factors', 'epochs', 'cgSteps', 'seed', 'unobservedWeight', 'reg', 'regExponent'] as const),
];

type ByObjective = keyof typeof objectiveDefaults.ials;

/** Fills in the objective's defaults and refuses what cannot be trained. AppError 'bad-usage'. */
export function resolveAlsOptions(
  given: Omit<AlsOptions, ByObjective> & Partial<Record<ByObjective, number | undefined>>,
): AlsOptions {
  const defaults = objectiveDefaults[given.objective];
  const options: AlsOptions = {
    ...given,
    unobservedWeight: given.unobservedWeight ?? defaults.unobservedWeight,
    reg: given.reg ?? defaults.reg,
    regExponent: given.regExponent ?? defaults.regExponent,
  };
  for (const option of numbers) inRange(option, options[option]);
  if (options.objective === 'hu' && options.unobservedWeight !== 1) {
    throw new AppError(
      'bad-usage',
      '`unobservedWeight` belongs to `objective` ials; with hu it is always 1',
      {
        suggestions: ['leave `unobservedWeight` out, or use `objective` ials'],
      },
    );
  }
  return options;
}

/** The options as a manifest and a snapshot's id hold them, by flag name: every effective value but α₀'s, and λ as far as it is known. */
export function alsOptionsByFlag(options: AlsOptions): Record<string, string | number> {
  return {
    factors: options.factors,
    epochs: options.epochs,
    objective: options.objective,
    reg: options.reg,
    'reg-exponent': options.regExponent,
    init: options.init,
    'cg-steps': options.cgSteps,
  };
}

/** What a fold-in needs of a model's options. */
export function equationsOf(options: AlsOptions): NormalEquations {
  const { reg, regExponent, unobservedWeight, objective } = options;
  return { reg, regExponent, unobservedWeight, beta: betaOf(objective) };
}
