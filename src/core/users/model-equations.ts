import { AppError } from '../errors.js';
import { betaOf, parseConfidence, type NormalEquations } from '../numeric/weighting.js';

/**
 * What a fold-in needs of a model's options, as a manifest holds them by flag name. AppError 'damaged-snapshot' where
 * one is not what training writes.
 */
export function equationsFromOptions(options: Readonly<Record<string, unknown>>): NormalEquations {
  const number = (flag: string): number => {
    const value = options[flag];
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    throw damaged(flag, value, 'a number');
  };
  const { objective } = options;
  if (objective !== 'ials' && objective !== 'hu') throw damaged('objective', objective, 'ials or hu');
  const confidence = parseConfidence(String(options['confidence']));
  if (confidence === undefined) throw damaged('confidence', options['confidence'], 'log, binary or linear:α');
  return {
    reg: number('reg'),
    regExponent: number('reg-exponent'),
    unobservedWeight: number('unobserved-weight'),
    confidence,
    beta: betaOf(objective),
  };
}

function damaged(option: string, got: unknown, wanted: string): AppError {
  return new AppError(
    'damaged-snapshot',
    `manifest.json: model option ${option} is ${String(got)}, wanted ${wanted}`,
  );
}
