/** The command line that repeats a training. */
import type { ModelName, ModelOptions } from '../../models/model.js';
import { byFlagName } from '../../options/kinds.js';
import { train } from '../../options/operations.js';
import type { Asked, Words } from '../../options/option.js';

type Training = Asked<typeof train.options>;

/** What the command says at its ends, whatever it was asked with; or what changes nothing of the snapshot. */
const apart = ['root', 'events', 'model', 'modelOptions', 'seed', 'threads', 'dryRun'];

/**
 * Its words, without a shell's quotes: `segue train EVENTS… --model als …`. What is as it is anyway is left out, but not of the
 * model's options.
 * @param asked what says how the events are read, and what is made of them @param seed undefined: the usual one
 */
export function trainCommand(
  asked: Partial<Training> & Pick<Training, 'events'>,
  model: ModelName,
  options: ModelOptions,
  seed: number | undefined,
): string[] {
  const kinds = Object.entries<Partial<Words> & { readonly fallback?: () => unknown }>(train.options);
  const own = Object.fromEntries(
    kinds.flatMap(([name, { flag = name, fallback }]) => {
      const value = (asked as Readonly<Record<string, unknown>>)[name];
      return apart.includes(name) || value === fallback?.() ? [] : [[flag, value]];
    }),
  );
  const ofModel = Object.entries(options).filter(([, value]) => value !== 'auto');
  const said: (readonly [flag: string, value: unknown])[] = [
    ...Object.entries(byFlagName(own)).sort(
      ([, one], [, other]) => Number(other === true) - Number(one === true),
    ),
    ['model', model],
    ...ofModel,
    ['seed', seed],
  ];
  // A value that begins with a dash would be read as a flag.
  const flags = said.flatMap(([flag, value]) => {
    const values = (Array.isArray(value) ? value : [value]) as (string | number | boolean | undefined)[];
    return values.flatMap((each) => {
      if (each === undefined || each === false) return [];
      if (each === true) return [`--${flag}`];
      const text = String(each);
      return text.startsWith('-') ? [`--${flag}=${text}`] : [`--${flag}`, text];
    });
  });
  return ['segue', 'train', ...asked.events, ...flags];
}
