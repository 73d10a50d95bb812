/**
 * The kinds of flags segue has, each with its check. A value that breaks a rule is a 'bad-usage' AppError that names the
 * flag, what was got and what is wanted.
 */
import { statSync } from 'node:fs';
import type { AlphabetLowercase, BooleanFlag, OptionFlag } from '@oclif/core/interfaces';
import { AppError, errnoOf } from '../../core/errors.js';
import { rangeInWords, within, type Range } from '../../core/options/range.js';

/** The headings of flags, in the order in which help shows them. */
export const helpGroups = [
  ...(['QUERY', 'FILTER', 'RECIPE', 'BATCH', 'VECTOR', 'INPUT', 'EVENT'] as const),
  ...(['MODEL', 'ALS', 'ITEM2VEC', 'WEIGHT', 'FOLD-IN', 'SEARCH', 'HOLDOUT', 'METRIC'] as const),
  ...([
    'INDEX',
    'PUBLISHING',
    'COMPARISON',
    'RETENTION',
    'SERVICE',
    'LOG',
    'RUN',
    'ENGINE',
    'OUTPUT',
    'GLOBAL',
  ] as const),
] as const;

type HelpGroup = (typeof helpGroups)[number];

/** What the help says about a flag, besides its name. */
export interface Said {
  readonly char?: AlphabetLowercase;
  /** What it does, with its unit. The help adds the default and the environment variable. */
  readonly description: string;
  /** The default in words, where it is not one value. */
  readonly defaultText?: string;
  /** The placeholder of its value. */
  readonly helpValue?: string;
  readonly helpGroup?: HelpGroup;
  readonly exclusive?: string[];
  readonly dependsOn?: string[];
}

/** What a flag gives: always a value if it has a default. */
type Value<T, S> = S extends { readonly default: T } ? T : T | undefined;

/** Every flag's environment variable is its name: --half-life is SEGUE_HALF_LIFE. */
export function withEnvironment<F extends Record<string, { env?: string }>>(flags: F): F {
  for (const [name, flag] of Object.entries(flags))
    flag.env = `SEGUE_${name.toUpperCase().replaceAll('-', '_')}`;
  return flags;
}

/** The same flags under a heading of the help. */
export function inGroup<F extends object>(helpGroup: HelpGroup, flags: F): F {
  return Object.fromEntries(
    Object.entries(flags as Record<string, object>).map(([name, flag]) => [name, { ...flag, helpGroup }]),
  ) as F;
}

/** The same flags in other words, where a command gives them a subject. */
export function reworded<F extends object>(flags: F, descriptions: Partial<Record<keyof F, string>>): F {
  const said: Readonly<Record<string, string | undefined>> = descriptions;
  return Object.fromEntries(
    Object.entries(flags as Record<string, object>).map(([name, flag]) => {
      const description = said[name];
      return [name, description === undefined ? flag : { ...flag, description }];
    }),
  ) as F;
}

/** Some of a topic's flags, in this order. */
export function named<F extends object, K extends keyof F>(flags: F, ...names: readonly K[]): Pick<F, K> {
  return Object.fromEntries(names.map((name) => [name, flags[name]])) as Pick<F, K>;
}

export function toggle(said: Said): BooleanFlag<boolean> {
  return {
    ...said,
    name: '',
    type: 'boolean',
    allowNo: false,
    default: false,
    parse: (given) => Promise.resolve(given),
  };
}

export function text<S extends Said & { readonly default?: string }>(said: S): OptionFlag<Value<string, S>> {
  return option(said, (given, name) => {
    if (given === '') throw refused(name, given, said.helpValue ?? 'a value');
    return given;
  });
}

/** What a command cannot be without. */
export function needed<T>(flag: OptionFlag<T | undefined>): OptionFlag<T> {
  return { ...flag, required: true } as unknown as OptionFlag<T>;
}

/** Of a directory, which need not be there yet; a link to one is one. */
export function directory<S extends Said & { readonly default?: string }>(
  said: S,
): OptionFlag<Value<string, S>> {
  return option(said, (given, name) => {
    if (given === '') throw refused(name, given, 'a directory');
    try {
      const isOther = statSync(given, { throwIfNoEntry: false })?.isDirectory() === false;
      if (isOther) throw refused(name, given, 'a directory; it is a file');
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === 'ENAMETOOLONG') {
        throw refused(name, `${given.slice(0, 40)}…`, 'a shorter path; it is too long for this machine');
      }
      // Whatever else is wrong with it, the command says when it gets there.
      if (errno === undefined || error instanceof AppError) throw error;
    }
    return given;
  });
}

/** May be given several times; its environment variable holds one value a line. */
export function texts(said: Said): OptionFlag<string[] | undefined> {
  return { ...said, name: '', type: 'option', input: [], ...repeatable };
}

/** The same flag where a command takes several values of it; without one there is no default. */
export function several<T extends string>(
  flag: OptionFlag<T> | OptionFlag<T | undefined>,
): OptionFlag<T[] | undefined> {
  const rest: Record<string, unknown> = { ...flag };
  delete rest['default'];
  delete rest['defaultHelp'];
  const description = `${String(flag.description)} (repeatable)`;
  return { ...rest, ...repeatable, description } as unknown as OptionFlag<T[] | undefined>;
}

const repeatable: Pick<OptionFlag<string[] | undefined>, 'multiple' | 'multipleNonGreedy' | 'parse'> = {
  multiple: true,
  // `--minus A B`: B is an argument, not a second value.
  multipleNonGreedy: true,
  parse: (given, context): Promise<string> => {
    // oclif hands over the whole environment variable as if it were one value, and then without a token.
    const fromEnvironment = (context.token as unknown) === undefined;
    const value = fromEnvironment ? given.split('\n').filter((line) => line !== '') : given;
    return Promise.resolve(value as string);
  },
};

export function choice<const T extends string, S extends Said & { readonly default?: NoInfer<T> }>(
  options: readonly T[],
  said: S,
): OptionFlag<Value<T, S>> {
  return { ...option<Value<T, S>>(said, (given) => given), options };
}

export function wholeNumber<S extends Said & Range & { readonly default?: number }>(
  said: S,
): OptionFlag<Value<number, S>> {
  const { min, max, ...rest }: Said & Range = said;
  return option({ helpValue: 'N', ...rest }, (given, name) => {
    const value = /^[+-]?\d{1,16}$/.test(given) ? Number(given) : NaN;
    if (!Number.isSafeInteger(value) || !within(value, { min, max })) {
      throw refused(name, given, `a whole number${rangeInWords({ min, max })}`);
    }
    return value;
  });
}

export function decimal<S extends Said & Range & { readonly default?: number }>(
  said: S,
): OptionFlag<Value<number, S>> {
  const { min, max, ...rest }: Said & Range = said;
  return option({ helpValue: 'X', ...rest }, (given, name) => {
    const value = numberOf(given);
    if (!Number.isFinite(value) || !within(value, { min, max })) {
      throw refused(name, given, `a number${rangeInWords({ min, max })}`);
    }
    return value;
  });
}

/** Whole numbers separated by commas. */
export function wholeNumbers<S extends Said & Range & { readonly default?: readonly number[] }>(
  said: S,
): OptionFlag<Value<readonly number[], S>> {
  const { min, max, ...rest }: Said & Range = said;
  return option({ helpValue: 'N,N…', ...rest }, (given, name) => {
    const values = given.split(',').map((text) => (/^\d{1,16}$/.test(text.trim()) ? Number(text) : NaN));
    if (!values.every((value) => Number.isSafeInteger(value) && within(value, { min, max }))) {
      throw refused(name, given, `whole numbers${rangeInWords({ min, max })}, separated by commas`);
    }
    return values;
  });
}

/** Numbers other than 0, separated by commas. */
export function decimals(said: Said): OptionFlag<number[] | undefined> {
  return option({ helpValue: 'X,X…', ...said }, (given, name) => {
    const values = given.split(',').map((part) => numberOf(part.trim()));
    if (!values.every((value) => Number.isFinite(value) && value !== 0))
      throw refused(name, given, 'numbers other than 0, separated by commas');
    return values;
  });
}

/** As people write one; NaN for anything else. */
function numberOf(given: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(given) ? Number(given) : NaN;
}

/** `check` throws where a value breaks a rule. */
function option<T>(said: Said, check: (given: string, name: string) => unknown): OptionFlag<T> {
  const { defaultText, ...rest } = said;
  return {
    ...rest,
    ...(defaultText === undefined ? {} : { defaultHelp: () => Promise.resolve(defaultText) }),
    name: '',
    type: 'option',
    input: [],
    multiple: false,
    parse: (given: string, _context: unknown, flag: { readonly name: string }) =>
      new Promise((resolve) => {
        resolve(check(given, flag.name));
      }),
  } as unknown as OptionFlag<T>;
}

function refused(name: string, given: string, wanted: string): AppError {
  return new AppError('bad-usage', `--${name} "${given}": wanted ${wanted}`, {
    details: { flag: name, value: given },
  });
}
