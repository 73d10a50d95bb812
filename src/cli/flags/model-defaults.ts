/**
 * What models make of an option that is not given, in words: as the models state it, so that help says what is done. They
 * are loaded where a flag's default is asked for (when segue is built, for help, and by oclif for commands that load them
 * anyway).
 */
import type { DefaultOptions } from '../../core/models/default-options.js';
import { listed } from '../terminal/numbers.js';

/** Of an option (of a model) that has no value of its own: what is done instead. */
const withoutValue: Readonly<Record<string, string>> = {
  'unobserved-weight': 'by --unobserved-ratio',
  'blend-weight': 'chosen by a tenth of the pairs',
  reg: 'by α₀, ≈ 0.007',
  'slim reg': 'by density, 2 to 32',
  neighbours: 'by density, 50 to 200',
  factors: '32 to 256 by density',
  cap: 'no cap',
  solver: 'in-memory where it fits',
};

const called: Readonly<Record<string, string>> = { cosine: '--measure cosine' };

/** What models make of an option, or `import` does. */
export async function modelDefault(flag: string, by: 'training' | 'import'): Promise<string | undefined> {
  const { defaultImportOptions, defaultModelOptions } = await import('../../core/models/default-options.js');
  return defaultInWords(flag, by === 'import' ? defaultImportOptions() : defaultModelOptions());
}

/** `log; hu: linear:1; ease and popularity: binary`: the default, then that of each that has another. */
export function defaultInWords(flag: string, defaults: readonly DefaultOptions[]): string | undefined {
  const takers = new Map<string, string[]>();
  for (const { of, options } of defaults) {
    if (!Object.hasOwn(options, flag)) continue;
    const value = options[flag] ?? 'auto';
    const words = value === 'auto' ? (withoutValue[`${of} ${flag}`] ?? withoutValue[flag]) : String(value);
    if (words !== undefined) takers.set(words, [...(takers.get(words) ?? []), called[of] ?? of]);
  }
  const [first, ...others] = takers;
  if (first === undefined) return undefined;
  return [first[0], ...others.map(([words, names]) => `${listed(names)}: ${words}`)].join('; ');
}
