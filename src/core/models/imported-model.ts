/** What a snapshot of imported vectors is: how users are folded in, by options that nothing was trained with. */
import type { Measure } from '../contracts.js';
import { AppError, refusedOption } from '../errors.js';
import { parseConfidence } from '../numeric/weighting.js';
import { weighingByFlag, weighingOptions } from './folding/weighing-options.js';
import { givenChoice, givenNumber } from './given-options.js';
import type { GivenOptions, ModelOptions } from './model.js';

export const importedModel = {
  name: 'imported',
  /** Changed whenever the same files and options would make other bytes than before. */
  algorithmVersion: 1,
  scorer: 'inner-product',
} as const;

/** How a history becomes a vector: by normal equations with A₀ from the vectors' own Gramian, or as a mean of unit vectors. */
export type ImportedFold = 'rotated-equations' | 'mean';

export function foldOfMeasure(measure: Measure): ImportedFold {
  return measure === 'cosine' ? 'mean' : 'rotated-equations';
}

const equationFlags = ['objective', 'unobserved-weight', 'reg', 'reg-exponent'];

/**
 * Every effective option by flag name. By inner product the defaults are those of Hu et al. 2008 as implicit trains (α₀ = 1,
 * λ = 0.01 whatever the length of a history, w = r); with --objective ials, those of Rendle et al. 2021 (α₀ = 0.1, λ = 0.003,
 * ν = 1, w = 1 + ln r). AppError 'bad-usage'.
 */
export function importOptions(measure: Measure, given: GivenOptions): ModelOptions {
  const objective = givenChoice(given, 'objective', ['hu', 'ials'], 'hu');
  const isHu = measure === 'inner-product' && objective === 'hu';
  const confidence = given['confidence'] ?? (isHu ? 'linear:1' : 'log');
  if (parseConfidence(String(confidence)) === undefined) {
    const wanted = 'log, binary or linear:α; others need statistics of the training data';
    throw refusedOption('confidence', confidence, wanted);
  }
  const weighing = weighingByFlag(weighingOptions({ ...given, confidence }, 'log'));
  if (measure === 'cosine') {
    const meaningless = equationFlags.find((flag) => given[flag] !== undefined);
    if (meaningless === undefined) return { measure, recency: 0, ...weighing };
    throw new AppError(
      'bad-usage',
      `\`${meaningless}\` does not apply with \`measure\` cosine: a user is the mean of their seen items`,
      { suggestions: [`leave \`${meaningless}\` out`] },
    );
  }
  return {
    measure,
    objective,
    'unobserved-weight': givenNumber(given, 'unobserved-weight', isHu ? 1 : 0.1),
    reg: givenNumber(given, 'reg', isHu ? 0.01 : 0.003),
    'reg-exponent': givenNumber(given, 'reg-exponent', isHu ? 0 : 1),
    ...weighing,
  };
}
