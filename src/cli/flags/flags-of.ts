/** The flags of a command, made of the options of its operations; and what was given by them, as those options. */
import { statSync } from 'node:fs';
import type { BooleanFlag, FlagInput, OptionFlag } from '@oclif/core/interfaces';
import { AppError, errnoOf } from '../../core/errors.js';
import {
  fromText,
  isObject,
  refusedUse,
  type AnyKind,
  type JsonSchema,
  type OptionKind,
} from '../../core/options/kinds.js';
import { askedOf, type Operation } from '../../core/options/operation.js';
import type { Asked, Words } from '../../core/options/option.js';
import { flagNameOf, knownFlag, withFlags } from '../terminal/option-names.js';

type Values = Readonly<Record<string, unknown>>;
type AnyOption = AnyKind & Partial<Words> & Pick<OptionKind<unknown>, 'fallback' | 'isRequired'>;
export type Flag = OptionFlag<unknown> | BooleanFlag<boolean>;
type Described = AnyOption & Words;
export type AnyOperation = Operation<object>;

/** A command whose flags are options of operations. */
export interface CommandOfOperations {
  readonly operations: readonly AnyOperation[];
  readonly flags: FlagInput<Values>;
}

/**
 * A flag for each option that a command line can have: those that have words, and that no argument stands for.
 * @param args options that are arguments of the command
 */
export function flagsOf(
  operations: readonly AnyOperation[],
  args: readonly string[] = [],
): Record<string, Flag> {
  const options = new Map<string, AnyOption>();
  for (const operation of operations)
    for (const [name, option] of Object.entries(operation.options as Record<string, AnyOption>))
      if (name !== 'root' && !args.includes(name) && !options.has(name))
        options.set(name, operations.length === 1 ? option : mayBeMissing(option));
  // Which snapshot is read is asked for least.
  const place = ([name]: readonly [string, AnyOption]): number => ['snapshot', 'as'].indexOf(name);
  return flagsOfOptions(Object.fromEntries([...options].sort((one, other) => place(one) - place(other))));
}

/** By the flag that chooses a mode of a command, the flags that mean something there: what its operation takes beside it. */
export function modesOf<M extends string>(modes: Readonly<Record<M, AnyOperation>>): Record<M, string[]> {
  const flags = Object.entries<AnyOperation>(modes).map(([mode, { rules, ...operation }]) => {
    const apart = rules.flatMap(({ options, unless = [] }) =>
      unless.includes(mode) ? options : options.includes(mode) ? unless : [],
    );
    const beside = Object.entries(operation.options).filter(([name]) => !apart.includes(name));
    return [mode, Object.keys(flagsOf([{ ...operation, rules, options: Object.fromEntries(beside) }]))];
  });
  return Object.fromEntries(flags) as Record<M, string[]>;
}

/** What one of several ways to ask cannot be without, the others do not know. */
function mayBeMissing({ isRequired: _, ...option }: AnyOption): AnyOption {
  return option;
}

/** The same operation with options in words of their own, where a command gives them a subject. */
export function withWords<S extends object>(
  operation: Operation<S>,
  about: Partial<Record<keyof S & string, string>>,
): Operation<S> {
  const options = Object.entries(about).map(([name, words]) => [
    name,
    { ...((operation.options as Values)[name] as object), about: words },
  ]);
  return { ...operation, options: { ...operation.options, ...Object.fromEntries(options) } as S };
}

export function flagsOfOptions(options: Readonly<Record<string, AnyOption>>): Record<string, Flag> {
  return Object.fromEntries(
    Object.entries(options)
      .flatMap(([name, option]) => Object.entries<AnyOption>(option.parts ?? { [name]: option }))
      .filter((entry): entry is [string, Described] => hasFlag(entry[1]))
      .map(([name, option]) => [flagNameOf(name, option), flagOf(name, option)]),
  );
}

/** What has no words, or can only be given by a program, has none. */
function hasFlag({ about, schema }: AnyOption): boolean {
  return about !== undefined && schema !== undefined;
}

function flagOf(name: string, option: Described): Flag {
  const { about, off, group, letter, variable, isRequired, schema = {} } = option;
  const {
    type,
    enum: choices,
    items,
  } = schema as { readonly type?: string; readonly enum?: string[]; readonly items?: JsonSchema };
  const flag = flagNameOf(name, option);
  const isList = type === 'array' && items?.['type'] === 'string';
  const said = {
    name: '',
    description: `${withFlags(off ?? about)}${isList ? ' (repeatable)' : ''}`,
    helpGroup: group,
    env: `SEGUE_${variable ?? flag.toUpperCase().replaceAll('-', '_')}`,
    ...(letter !== undefined && { char: letter }),
  };
  if (type === 'boolean')
    return {
      ...said,
      type: 'boolean',
      allowNo: false,
      default: false,
      parse: (given) => Promise.resolve(given),
    };
  const usual = usualOf(flag, option);
  const value =
    option.value ??
    placeholders[String(type === 'array' ? items?.['type'] : type)]?.[isList || type !== 'array' ? 0 : 1];
  return {
    ...said,
    type: 'option',
    input: [],
    multiple: false,
    ...(choices !== undefined ? { options: choices } : value !== undefined && { helpValue: value }),
    ...(isRequired === true && usual === undefined && { required: true }),
    ...(usual !== undefined && { defaultHelp: usual }),
    ...(isList
      ? { multiple: true, multipleNonGreedy: true, parse: linesOfEnvironment }
      : { parse: (given: string) => Promise.resolve().then(() => read(flag, option, given)) }),
  } as unknown as OptionFlag<unknown>;
}

/** What stands for a value in help, where the option says nothing: of one, and of several separated by commas. */
const placeholders: Readonly<Record<string, readonly [string, string]>> = {
  integer: ['N', 'N,N…'],
  number: ['X', 'X,X…'],
};

/** What help says is done where the flag is not given; undefined where that is nothing. */
function usualOf(flag: string, option: Described): (() => Promise<unknown>) | undefined {
  const { usuallyBy, usually, fallback } = option;
  if (usuallyBy !== undefined)
    return async () => (await import('./model-defaults.js')).modelDefault(flag, usuallyBy);
  if (usually !== undefined) return () => Promise.resolve(withFlags(usually));
  const value = fallback?.();
  const isNone = value === undefined || (Array.isArray(value) && value.length === 0);
  return isNone ? undefined : () => Promise.resolve(value);
}

/** A value as it was typed. AppError 'bad-usage' naming the flag, what was got and what is wanted. */
function read(flag: string, option: Described, given: string): unknown {
  const value = fromText(option, given);
  // oclif has looked whether it is one of several.
  if (option.schema?.['enum'] !== undefined) return value;
  if (given === '')
    throw refused(flag, given, option.value === 'DIR' ? 'a directory' : (option.value ?? 'a value'));
  if (option.value === 'DIR') requireNoFile(flag, given);
  if (option.accepts(value)) return value;
  throw refused(flag, given, option.wanted.replace(/^a list of (.*)/, '$1, separated by commas'));
}

/** A directory need not be there yet; a link to one is one. */
function requireNoFile(flag: string, given: string): void {
  try {
    const isOther = statSync(given, { throwIfNoEntry: false })?.isDirectory() === false;
    if (isOther) throw refused(flag, given, 'a directory; it is a file');
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENAMETOOLONG')
      throw refused(flag, `${given.slice(0, 40)}…`, 'a shorter path; it is too long for this machine');
    // Whatever else is wrong with it, the command says when it gets there.
    if (errno === undefined || error instanceof AppError) throw error;
  }
}

function refused(flag: string, given: string, wanted: string): AppError {
  return new AppError('bad-usage', `--${flag} "${given}": wanted ${wanted}`, {
    details: { flag, value: given },
  });
}

/** oclif hands over a whole environment variable as if it were one value, and then without a token: it holds one a line. */
function linesOfEnvironment(given: string, { token }: { readonly token?: unknown }): Promise<unknown> {
  return Promise.resolve(token === undefined ? given.split('\n').filter((line) => line !== '') : given);
}

/** The words of a command line, as its parser has read them; values of the environment are not among them. */
type TypedWords = readonly ({ readonly type: 'flag'; readonly flag: string } | { readonly type: 'arg' })[];

/** What a command line, and the environment, ask for. */
export class AskedByFlags {
  readonly #given: Record<string, unknown> = {};
  readonly #ambient: Record<string, unknown> = {};
  readonly #typed: ReadonlySet<string>;

  /** Options that arguments stand for. */
  readonly #isArgument: (flag: string) => boolean;

  constructor({ operations, flags: known }: CommandOfOperations, flags: Values, words: TypedWords) {
    const typed = new Set(words.flatMap((word) => (word.type === 'flag' ? [word.flag] : [])));
    this.#typed = typed;
    this.#isArgument = (flag) => !Object.hasOwn(known, flag);
    for (const { options } of operations) {
      for (const [name, option] of Object.entries(options as Record<string, AnyOption>)) {
        const values = valuesOf(option.parts ?? {}, flags);
        if (Object.keys(values).length > 0) this.#given[name] = values;
        const flag = flagNameOf(name, option);
        const value = flags[flag];
        // What only a program gives may be called like a flag.
        if (value === undefined || option.schema === undefined) continue;
        const of = name === 'root' || !typed.has(flag) ? this.#ambient : this.#given;
        of[name] = option.off === undefined ? value : value !== true;
      }
    }
  }

  /** Whether it was typed, or is in the environment. */
  get(option: string): unknown {
    return this.#given[option] ?? this.#ambient[option];
  }

  /** Whether a flag is among the words, and not only in the environment. */
  isTyped(flag: string): boolean {
    return this.#typed.has(flag);
  }

  /** Whether one of these was; a switch that is off was not. */
  has(...options: readonly string[]): boolean {
    return options.some((option) => (this.get(option) ?? false) !== false);
  }

  text(option: string): string | undefined {
    const value = this.get(option);
    return typeof value === 'string' ? value : undefined;
  }

  /**
   * The options of an operation. AppError 'bad-usage' for what was typed and means nothing to it; what comes from the environment
   * is meant for all commands alike, and refused nowhere.
   * @param more what the arguments say
   */
  of<S extends object>(operation: Operation<S>, more: object = {}): Asked<S> {
    const isSaid = (value: unknown): boolean =>
      value !== undefined && !(Array.isArray(value) && value.length === 0);
    const said = Object.fromEntries(Object.entries(more as Values).filter(([, value]) => isSaid(value)));
    const given = { ...this.#given, ...said };
    try {
      const other = Object.keys(given).find(
        (name) => !Object.hasOwn(operation.options, name) && !Object.hasOwn(operation.refuses, name),
      );
      if (other !== undefined)
        throw refusedUse(other, { because: 'means nothing beside what else is asked for' });
      return askedOf(operation, given, this.#ambient);
    } catch (error) {
      throw this.#inItsWords(error, operation);
    }
  }

  /** Details have the flag, as those of all errors of a command line; an argument is called as help calls it. */
  #inItsWords(error: unknown, { options }: AnyOperation): unknown {
    if (!(error instanceof AppError) || typeof error.details['option'] !== 'string') return error;
    const { option, ...details } = error.details as { readonly option: string };
    const kind: unknown = (options as Values)[option];
    const flag = isObject(kind) ? flagNameOf(option, kind) : knownFlag(option);
    const argument = option.replace(/s$/, '').toUpperCase();
    const called = (text: string): string =>
      this.#isArgument(flag) ? text.replaceAll(`\`${option}\``, argument) : text;
    return new AppError(error.code, called(error.message), {
      suggestions: error.suggestions.map(called),
      details: { flag, ...details },
    });
  }
}

/** Of an object's parts, those that were given, as its owner names them. */
function valuesOf(parts: Readonly<Record<string, AnyOption>>, flags: Values): Values {
  const names = Object.entries(parts).map(([name, part]) => flagNameOf(name, part));
  return Object.fromEntries(
    names.filter((name) => flags[name] !== undefined).map((name) => [name, flags[name]]),
  );
}
