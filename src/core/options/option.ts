/**
 * An option, declared once: what it takes, what it is where it is not given, and its words. Flags, help, completion, the checks of
 * the library, parameters of HTTP with their texts, docs/reference/api.md and types are made of it.
 */
import type { KindWithFallback, OptionKind } from './kinds.js';

/** The headings of flags, in the order in which help shows them. */
export const helpGroups = [
  ...(['QUERY', 'FILTER', 'RECIPE', 'BATCH', 'VECTOR', 'INPUT', 'FORMAT', 'EVENT'] as const),
  ...(['MODEL', 'ALS', 'ITEM2VEC', 'SLIM', 'WEIGHT', 'FOLD-IN', 'SEARCH', 'HOLDOUT', 'METRIC'] as const),
  ...(['INDEX', 'PUBLISHING', 'COMPARISON', 'RETENTION', 'SERVICE', 'LOG', 'RUN'] as const),
  ...(['ENGINE', 'OUTPUT', 'GLOBAL'] as const),
] as const;

export type HelpGroup = (typeof helpGroups)[number];

/** What few need: a page of many flags shows them last, or has a line of them. */
export const specialGroups: ReadonlySet<string> = new Set<HelpGroup>([
  ...([
    'RECIPE',
    'BATCH',
    'FORMAT',
    'EVENT',
    'ALS',
    'ITEM2VEC',
    'SLIM',
    'WEIGHT',
    'FOLD-IN',
    'ENGINE',
  ] as const),
]);

/** What a value is of, for shells that complete it. */
export type Completable = 'items' | 'users' | 'references' | 'tags' | 'recipes' | 'columns';

export interface Words {
  /** What it does, with its unit; other options in backquotes. */
  readonly about: string;
  /** Of a switch that is on where it is not given: what turning it off does, which is all that a command line can. */
  readonly off?: string;
  /** The heading that it has in help. */
  readonly group: HelpGroup;
  /** The name of its parameter over HTTP, where that is not the name of its flag. */
  readonly parameter?: string;
  /** The name of its flag, where that is not its own with dashes. */
  readonly flag?: string;
  /** The letter that a command line has for it. */
  readonly letter?: 'k' | 'n';
  /** What stands for its value in help: FILE and DIR are completed as paths. */
  readonly value?: string;
  /** In words what is done where it is not given, where that is not one value. */
  readonly usually?: string;
  /** Whoever it is that knows what is done where it is not given. */
  readonly usuallyBy?: 'training' | 'import';
  /** Its environment variable after `SEGUE_`, where that is not the name of its flag. */
  readonly variable?: string;
  readonly completes?: Completable | readonly string[];
  /** It names a file of the machine of who asks, which a service does not read. */
  readonly isFile?: true;
  /** Of examples/classic-rock. */
  readonly example?: unknown;
}

export type Option<T> = OptionKind<T> & Words;

/** Options by the names that programs have for them. */
export type Options = Readonly<Record<string, OptionKind<never> & Partial<Words>>>;

export function option<K extends object>(kind: K, words: Words): K & Words {
  return { ...kind, ...words };
}

type Placed = <K extends object>(kind: K, about: string, more?: Partial<Words> | string) => K & Words;

/** An option under each of these headings: what it takes, what it does, and its other words, or what stands for its value. */
export function inGroups<const G extends readonly HelpGroup[]>(...groups: G): { [I in keyof G]: Placed } {
  const placed = groups.map<Placed>(
    (group) => (kind, about, more) =>
      option(kind, { about, group, ...(typeof more === 'string' ? { value: more } : more) }),
  );
  return placed as { [I in keyof G]: Placed };
}

/** Values that many options have. */
export const item = { value: 'ITEM', completes: 'items' } as const;
export const user = { value: 'USER', completes: 'users' } as const;
export const reference = { value: 'REF', completes: 'references' } as const;
export const file = { value: 'FILE', isFile: true } as const;

/** The same option with other words, where what it is about has another name. */
export function reworded<O extends object>(of: O, words: Partial<Words>): O {
  return { ...of, ...words };
}

/** The same option without the value that it has where it is not given. */
export function optional<T>(of: OptionKind<T> & Words, words: Partial<Words> = {}): Option<T> {
  const { fallback: _, isRequired: __, ...rest } = of as KindWithFallback<T> & Words & { isRequired?: true };
  return { ...rest, ...words };
}

/** Some of a catalogue, in this order. */
export function pick<C extends object, const K extends readonly (keyof C)[]>(
  catalogue: C,
  ...names: K
): Pick<C, K[number]> {
  return Object.fromEntries(names.map((name) => [name, catalogue[name]])) as Pick<C, K[number]>;
}

type ValueOf<K> = K extends OptionKind<infer T> ? T : never;
type Always<S> = {
  [K in keyof S]: S[K] extends { readonly isRequired: true } | { readonly fallback: () => unknown }
    ? K
    : never;
}[keyof S];
type Flat<O> = { [K in keyof O]: O[K] };

/** What is asked for by options, checked: what has a fallback is there. */
export type Asked<S> = Flat<
  { readonly [K in Always<S>]: ValueOf<S[K]> } & {
    readonly [K in Exclude<keyof S, Always<S>>]?: ValueOf<S[K]> | undefined;
  }
>;

/** The same as a program asks: only what has no fallback, and is required, must be there. */
export type Given<S> = Flat<
  {
    readonly [K in keyof S as S[K] extends { readonly isRequired: true } ? K : never]: ValueOf<S[K]>;
  } & {
    readonly [K in keyof S as S[K] extends { readonly isRequired: true } ? never : K]?:
      ValueOf<S[K]> | undefined;
  }
>;
