/** What a fold-in needs of a manifest: a model's options, and its parameters, by flag name. */
import { AppError } from '../../errors.js';
import { hasItemFactor } from '../../numeric/pair-weights.js';
import { betaOf, type NormalEquations } from '../../numeric/weighting.js';
import { decayFrom } from './decay.js';
import type { HistoryWeights } from './history-weights.js';
import { weighingOptions } from './weighing-options.js';

type Values = Readonly<Record<string, unknown>>;

/** AppError 'damaged-snapshot' where an option is not what training writes. */
export function equationsFromOptions(options: Values, parameters: Values): NormalEquations {
  const { objective } = options;
  if (objective !== 'ials' && objective !== 'hu') throw damaged('objective', objective, 'ials or hu');
  const known = { ...options, ...parameters };
  return {
    reg: number(known, 'reg'),
    regExponent: number(options, 'reg-exponent'),
    unobservedWeight: number(known, 'unobserved-weight'),
    beta: betaOf(objective),
  };
}

/** What of a model's weights is not in its options: the numbers that fold-in needs, as a manifest holds them. */
export function weightParameters({
  weighting,
  scale,
  decay,
}: HistoryWeights): Record<string, string | number> {
  return {
    ...(weighting.userDiscount === 0 ? {} : { 'mean-items': scale.meanItems }),
    ...(weighting.f.kind === 'bm25' ? { 'mean-plays': scale.meanPlays } : {}),
    ...(decay === undefined ? {} : { 'as-of': new Date(decay.asOfMs).toISOString() }),
  };
}

/** The same, read. @param readItemFactor called where the scale has one. AppError 'damaged-snapshot'. */
export function weightsFromOptions(
  options: Values,
  parameters: Values,
  readItemFactor: () => Float32Array,
): HistoryWeights {
  try {
    const weighting = weighingOptions(options, '');
    const { f, userDiscount, halfLife } = weighting;
    const asOf = parameters['as-of'];
    const decay = halfLife === undefined ? undefined : decayFrom(halfLife, String(asOf), undefined);
    const isStep = f.kind === 'binary' && options['aging'] === undefined;
    return {
      weighting,
      scale: {
        meanItems: userDiscount === 0 ? 1 : number(parameters, 'mean-items'),
        meanPlays: f.kind === 'bm25' ? number(parameters, 'mean-plays') : 1,
        itemFactor: hasItemFactor(weighting) ? readItemFactor() : undefined,
      },
      decay: decay === undefined || !isStep ? decay : { ...decay, isStep },
    };
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'bad-usage') throw error;
    throw new AppError('damaged-snapshot', `manifest.json: model option ${error.message}`);
  }
}

function number(values: Values, flag: string): number {
  const value = values[flag];
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw damaged(flag, value, 'a number');
}

function damaged(option: string, got: unknown, wanted: string): AppError {
  return new AppError(
    'damaged-snapshot',
    `manifest.json: model option ${option} is ${String(got)}, wanted ${wanted}`,
  );
}
