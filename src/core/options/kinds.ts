/** The kinds of options that functions take, and the check of what a program passes: JavaScript is not held to types. */
import { inspect } from 'node:util';
import { nearestWord } from '../edit-distance.js';
import { AppError } from '../errors.js';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** What one option takes. */
export interface OptionKind<T> {
  /** Completes "wanted …". */
  readonly wanted: string;
  accepts(value: unknown): boolean;
  /** The same as JSON Schema, for what comes as text; absent where only a program can give it. */
  readonly schema?: JsonSchema;
  /** Of an object: what it is made of, by the names that programs have for them; a command line has a flag for each. */
  readonly parts?: Readonly<Record<string, AnyKind>>;
  /** What the task takes, of what was accepted; the same without it. */
  readonly read?: (value: T) => T;
  /** What it is where it is not given. */
  readonly fallback?: () => T;
  /** Never there: it ties the kind to its type, so that one that takes more, or less, than the option does not compile. */
  readonly type?: (value: T) => T;
  readonly isRequired?: true;
}

/** What is known of a kind, whatever it takes. */
export type AnyKind = Pick<OptionKind<unknown>, 'wanted' | 'accepts' | 'schema' | 'parts'>;

/** Of every option of `O`: one that `O` cannot be without is required, or has a fallback. */
export type OptionShape<O> = {
  readonly [K in keyof O]-?: undefined extends O[K]
    ? OptionKind<NonNullable<O[K]>>
    : OptionKind<O[K]> & ({ readonly isRequired: true } | { readonly fallback: () => O[K] });
};

export type KindWithFallback<T> = OptionKind<T> & { readonly fallback: () => T };

/** What may be left out, and is `fallback` then. */
export function or<T, K extends object>(
  kind: OptionKind<T> & K,
  fallback: NoInfer<T>,
): K & { readonly fallback: () => T } {
  return { ...kind, fallback: () => fallback };
}

export function required<K extends object>(kind: K): K & { readonly isRequired: true } {
  return { ...kind, isRequired: true };
}

/** None is empty: in a script that would be a variable that is not set. */
export const text: OptionKind<string> = {
  wanted: 'a text',
  accepts: (value) => typeof value === 'string' && value !== '',
  schema: { type: 'string', minLength: 1 },
};

/** Also the empty one, as somebody begins to type. */
export const typedText: OptionKind<string> = {
  ...text,
  accepts: (value) => typeof value === 'string',
  schema: { type: 'string' },
};

export const texts: OptionKind<readonly string[]> = {
  wanted: 'a list of texts',
  accepts: (value) => Array.isArray(value) && value.every((each) => typeof each === 'string'),
  schema: { type: 'array', items: { type: 'string' } },
};

export const textsByName: OptionKind<Readonly<Record<string, string>>> = {
  wanted: 'an object of texts',
  accepts: (value) => isObject(value) && Object.values(value).every((each) => typeof each === 'string'),
};

export const flag: OptionKind<boolean> = {
  wanted: 'true or false',
  accepts: (value) => typeof value === 'boolean',
  schema: { type: 'boolean' },
};

/** A switch that is off, and a list that is empty, where they are not given. */
export const off = or(flag, false);
export const noTexts = or(texts, []);

export const moment: OptionKind<Date> = {
  wanted: 'a Date',
  accepts: (value) => value instanceof Date && !Number.isNaN(value.getTime()),
};

/** Options of a model: which there are, and their ranges, the model knows. Names are read as written in either way. */
export const modelValues: OptionKind<Readonly<Record<string, string | number | undefined>>> = {
  wanted: 'an object of texts and numbers by name, such as { factors: 32 }',
  accepts: (value) =>
    isObject(value) &&
    Object.values(value).every((each) => ['string', 'number', 'undefined'].includes(typeof each)),
  read: byFlagName,
};

/** cgSteps → cg-steps, as models name their options. */
export function byFlagName<T>(values: Readonly<Record<string, T>>): Record<string, T> {
  const flagOf = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [flagOf(name), value]));
}

export function number<const R extends Range>(range: R): OptionKind<number> & { readonly range: R } {
  return {
    range,
    wanted: `a number${rangeInWords(range)}`,
    accepts: (value) => typeof value === 'number' && Number.isFinite(value) && within(value, range),
    schema: { type: 'number', ...bounds(range) },
  };
}

export function wholeNumber<const R extends Range>(range: R): OptionKind<number> & { readonly range: R } {
  return {
    range,
    wanted: `a whole number${rangeInWords(range)}`,
    accepts: (value) => typeof value === 'number' && Number.isSafeInteger(value) && within(value, range),
    schema: { type: 'integer', ...bounds(range) },
  };
}

function bounds({ min, max }: Range): JsonSchema {
  return { ...(min === undefined ? {} : { minimum: min }), ...(max === undefined ? {} : { maximum: max }) };
}

export function listOf<T>(kind: OptionKind<T>, plural: string): OptionKind<readonly T[]> {
  return {
    wanted: `a list of ${plural}`,
    accepts: (value) => Array.isArray(value) && value.every((each) => kind.accepts(each)),
    ...(kind.schema === undefined ? {} : { schema: { type: 'array', items: kind.schema } }),
  };
}

export function choice<const C extends readonly string[]>(
  ...choices: C
): OptionKind<C[number]> & { readonly choices: C } {
  return {
    choices,
    wanted: choices.join(', '),
    accepts: (value) => choices.some((each) => each === value),
    schema: { type: 'string', enum: choices },
  };
}

/** What a command line writes of a value, as one of the kind; it may be none that the kind accepts. */
export function fromText({ schema = {} }: Pick<AnyKind, 'schema'>, written: string): unknown {
  const { type, items } = schema as { readonly type?: string; readonly items?: JsonSchema };
  if (type === 'integer') return /^[+-]?\d{1,16}$/.test(written) ? Number(written) : NaN;
  if (type === 'number') return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(written) ? Number(written) : NaN;
  if (type !== 'array' || items === undefined) return written;
  return written.split(',').map((part) => fromText({ schema: items }, part.trim()));
}

/** What has a shape of its own that TypeScript checks: here it is only told from what it cannot be. */
export function like<T>(wanted: string, accepts: (value: unknown) => boolean): OptionKind<T> {
  return { wanted, accepts };
}

/** A value of any function. */
export const anyFunction = (value: unknown): boolean => typeof value === 'function';

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * What was given, checked, with what was not given filled in; of nothing at all, every option is.
 *
 * @param of what takes the options, to be named where there is no such option
 * @throws AppError 'bad-usage' naming the option, what was got and what is wanted
 */
export function checkOptions<O>(shape: OptionShape<O>, given: unknown, of: string): O {
  if (given !== undefined && !isObject(given)) throw refused(`the options of ${of}`, given, 'an object');
  const kinds = Object.entries(shape) as [string, OptionKind<unknown>][];
  const values = new Map(Object.entries(given ?? {}));
  for (const name of values.keys())
    if (!Object.hasOwn(shape, name)) throw unknown(name, Object.keys(shape), of);
  for (const [name, kind] of kinds) {
    const value = values.get(name);
    if (value === undefined) continue;
    if (!kind.accepts(value)) throw refused(`\`${name}\``, value, kind.wanted, { option: name });
    if (kind.read !== undefined) values.set(name, kind.read(value));
  }
  for (const [name, kind] of kinds) {
    if (values.get(name) !== undefined) continue;
    if (kind.isRequired) throw missing(name, kind, of);
    if (kind.fallback !== undefined) values.set(name, kind.fallback());
  }
  return Object.fromEntries(values) as O;
}

/** An option that means nothing here. */
export function refusedUse(
  option: string,
  { because, instead }: { readonly because: string; readonly instead?: string },
): AppError {
  return new AppError('bad-usage', `\`${option}\` ${because}`, {
    suggestions: [`leave \`${option}\` out`, ...(instead === undefined ? [] : [instead])],
    details: { option },
  });
}

function refused(what: string, value: unknown, wanted: string, details: object = {}): AppError {
  const shown = inspect(value, { depth: 1, breakLength: Infinity, maxArrayLength: 3, maxStringLength: 60 });
  const got = typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : shown.slice(0, 100);
  return new AppError('bad-usage', `${what} ${value === '' ? 'is empty' : got}: wanted ${wanted}`, {
    details: { ...details, wanted },
  });
}

function missing(
  name: string,
  { wanted, value }: OptionKind<unknown> & { readonly value?: string },
  of: string,
): AppError {
  return new AppError('bad-usage', `\`${name}\` is missing, which ${of} needs: wanted ${wanted}`, {
    suggestions: value === undefined ? [] : [`add \`${name}\` ${value}`],
    details: { option: name, wanted },
  });
}

function unknown(name: string, known: readonly string[], of: string): AppError {
  const near = nearestWord(name, known);
  return new AppError('bad-usage', `${of} has no option \`${name}\``, {
    suggestions:
      near !== undefined
        ? [`did you mean \`${near}\`?`]
        : [`its options are ${known.map((each) => `\`${each}\``).join(', ')}`],
    details: { option: name },
  });
}

/** Bounds of a number, both of them allowed. */
interface Range {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

function within(value: number, { min, max }: Range): boolean {
  return value >= (min ?? -Infinity) && value <= (max ?? Infinity);
}

/** ' from 1 to 10', to follow 'a number'. */
function rangeInWords({ min, max }: Range): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  if (min !== undefined) return ` of at least ${min}`;
  return max === undefined ? '' : ` of at most ${max}`;
}
