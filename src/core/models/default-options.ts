/** What the options of models are where they are not given, for help to print. */
import { findModel } from './all-models.js';
import { blendWeight } from './blend/rank-blend.js';
import { importOptions } from './imported-model.js';
import { modelNames, type GivenOptions } from './model.js';

export interface DefaultOptions {
  /** The model; or `hu`, `ials` (the objective) or `cosine` (the measure) where that makes defaults of its own. */
  readonly of: string;
  /** By flag name, every one that it takes: undefined where it has no value, 'auto' where that is made from the data. */
  readonly options: GivenOptions;
}

/** The model that is trained by default comes first. */
export function defaultModelOptions(): DefaultOptions[] {
  return modelNames.flatMap((name) => {
    const { flags, resolve, scorer } = findModel(name);
    // Every other option of a blend is that of a member.
    if (scorer === 'blend') return [{ of: name, options: taken([blendWeight], resolve({})) }];
    const defaults = { of: name, options: taken(flags, resolve({})) };
    if (!flags.includes('objective')) return [defaults];
    const others = flags.filter((flag) => flag !== 'objective');
    return [defaults, { of: 'hu', options: taken(others, resolve({ objective: 'hu' })) }];
  });
}

/** How users are folded in by imported vectors. */
export function defaultImportOptions(): DefaultOptions[] {
  const weighing = ['confidence', 'cap'];
  const equations = ['unobserved-weight', 'reg', 'reg-exponent', ...weighing];
  const [hu, ials, cosine] = [
    importOptions('inner-product', {}),
    importOptions('inner-product', { objective: 'ials' }),
    importOptions('cosine', {}),
  ];
  return [
    { of: 'hu', options: taken(['objective', ...equations], hu) },
    { of: 'ials', options: taken(equations, ials) },
    { of: 'cosine', options: taken(weighing, cosine) },
  ];
}

function taken(flags: readonly string[], options: GivenOptions): GivenOptions {
  return Object.fromEntries(flags.map((flag) => [flag, options[flag]]));
}
