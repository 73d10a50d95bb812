/** Bounds of a number, both of them allowed. */
export interface Range {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

export function within(value: number, { min, max }: Range): boolean {
  return value >= (min ?? -Infinity) && value <= (max ?? Infinity);
}

/** ' from 1 to 10', to follow 'a number'. */
export function rangeInWords({ min, max }: Range): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  if (min !== undefined) return ` of at least ${min}`;
  return max === undefined ? '' : ` of at most ${max}`;
}
