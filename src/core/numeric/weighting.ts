/**
 * From a pair's summed weight r to its confidence weight w, and from a row's size to its regularisation.
 *
 * `linear:α` is Hu et al. 2008's w = α·r (so that c = 1 + α·r); `log` is w = 1 + ln r for r ≥ 1, else r;
 * `binary` is w = 1.
 */
export type Confidence =
  { readonly kind: 'linear'; readonly alpha: number } | { readonly kind: 'log' | 'binary' };

/** `log`, `binary` or `linear:α` with α > 0; undefined for anything else. */
export function parseConfidence(text: string): Confidence | undefined {
  if (text === 'log' || text === 'binary') return { kind: text };
  const match = /^linear:(\d+(?:\.\d+)?(?:e[+-]?\d+)?|\.\d+)$/i.exec(text);
  if (match === null) return undefined;
  const alpha = Number(match[1]);
  return alpha > 0 && Number.isFinite(alpha) ? { kind: 'linear', alpha } : undefined;
}

/** The inverse of `parseConfidence`. */
export function confidenceText(confidence: Confidence): string {
  return confidence.kind === 'linear' ? `linear:${String(confidence.alpha)}` : confidence.kind;
}

/** The confidence function on f32 values. `ln` is the kernels' natural logarithm: Math.log differs between engines. */
export function confidenceFunction(confidence: Confidence, ln: (x: number) => number): (r: number) => number {
  switch (confidence.kind) {
    case 'binary':
      return () => 1;
    case 'linear':
      return (r) => Math.fround(confidence.alpha * r);
    case 'log':
      return (r) => (r >= 1 ? Math.fround(1 + ln(r)) : r);
  }
}

/** `ials`: Rendle et al. 2021; `hu`: Hu et al. 2008, c = 1 + w on observed pairs. */
export type Objective = 'ials' | 'hu';

/** β of the normal equations: the weight that an observed pair's preference has beyond its confidence weight. */
export function betaOf(objective: Objective): number {
  return objective === 'hu' ? 1 : 0;
}

/** What a row's normal equations need beside the vectors (Rendle et al. 2021, §3; names as in the flags' help). */
export interface Regularisation {
  /** λ. */
  readonly reg: number;
  /** ν: 0 a constant λ, 1 proportional to the row's size. */
  readonly regExponent: number;
  /** α₀, the weight of every unobserved pair. */
  readonly unobservedWeight: number;
}

/**
 * reg of a row = λ · s^ν with s = n + α₀ · otherSide, n the row's number of pairs and otherSide the number of rows it
 * could have met. `power` is the kernels' x^y.
 */
export function rowRegularisation(
  { reg, regExponent, unobservedWeight }: Regularisation,
  otherSide: number,
  power: (x: number, y: number) => number,
): (numPairs: number) => number {
  return (numPairs) => Math.fround(reg * power(numPairs + unobservedWeight * otherSide, regExponent));
}

/** What turns a user's weighed pairs into normal equations. */
export interface NormalEquations extends Regularisation {
  /** Weight of an observed preference beyond its confidence weight: 1 for Hu et al. 2008, 0 for iALS. */
  readonly beta: number;
}
