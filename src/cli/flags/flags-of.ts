/** The flags of a command, made of the options of its operations; and what was given by them, as those options. */
import type { OptionFlag, BooleanFlag } from '@oclif/core/interfaces';
import { AppError } from '../../core/errors.js';
import { isObject, type JsonSchema, type OptionKind } from '../../core/options/kinds.js';
import { askedOf, type Operation } from '../../core/options/operation.js';
import type { Asked, Option, Words } from '../../core/options/option.js';
import type { Range } from '../../core/options/range.js';
import { flagNameOf, withFlags } from '../terminal/option-names.js';
import {
  choice,
  decimal,
  decimals,
  directory,
  text,
  texts,
  toggle,
  wholeNumber,
  wholeNumbers,
  type Said,
} from './flag-kinds.js';

type AnyOption = OptionKind<unknown> & Partial<Words>;
export type Flag = OptionFlag<unknown> | BooleanFlag<boolean>;
export type AnyOperation = Operation<object>;

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
      if (name !== 'root' && !args.includes(name) && !options.has(name)) options.set(name, option);
  // Which snapshot is read is asked for least.
  const place = ([name]: readonly [string, AnyOption]): number => ['snapshot', 'as'].indexOf(name);
  const flags = flagsOfOptions(
    Object.fromEntries([...options].sort((one, other) => place(one) - place(other))),
  );
  // What one of several operations cannot be without, the others can.
  if (operations.length > 1) for (const flag of Object.values(flags)) flag.required = false;
  return flags;
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
  const described = Object.entries(options).filter(
    (entry): entry is [string, Option<unknown>] =>
      entry[1].about !== undefined && entry[1].schema !== undefined,
  );
  return Object.fromEntries(
    described.map(([name, option]) => [flagNameOf(name, option), flagOf(name, option)]),
  );
}

function flagOf(name: string, option: Option<unknown>): Flag {
  const { about, off, group, letter, value, usually, variable, isRequired } = option;
  const usual =
    usually ?? (option.fallback?.() as string | number | boolean | readonly unknown[] | undefined);
  const hasUsual =
    usual !== undefined && typeof usual !== 'boolean' && !(Array.isArray(usual) && usual.length === 0);
  const said: Said & Range = {
    description: withFlags(off ?? about),
    helpGroup: group,
    ...(letter === undefined ? {} : { char: letter }),
    ...(value === undefined ? {} : { helpValue: value }),
    ...(option as { readonly range?: Range }).range,
  };
  const flag = Object.assign(kindOf(option.schema!, said) as Flag, {
    env: `SEGUE_${variable ?? flagNameOf(name, option).toUpperCase().replaceAll('-', '_')}`,
  });
  if (isRequired === true) flag.required = true;
  if (hasUsual && flag.type === 'option')
    flag.defaultHelp = () => Promise.resolve(typeof usual === 'string' ? withFlags(usual) : usual);
  return flag;
}

/** By what the option takes. */
function kindOf({ type, enum: choices, items }: JsonSchema, said: Said & Range): object {
  if (type === 'boolean') return toggle(said);
  if (Array.isArray(choices)) return choice(choices as string[], said);
  if (type === 'integer') return wholeNumber(said);
  if (type === 'number') return decimal(said);
  if (type === 'string') return said.helpValue === 'DIR' ? directory(said) : text(said);
  const { type: of, minimum, maximum } = items as JsonSchema & { minimum?: number; maximum?: number };
  if (of === 'integer') return wholeNumbers({ ...said, min: minimum, max: maximum });
  return of === 'number'
    ? decimals(said)
    : texts({ ...said, description: `${said.description} (repeatable)` });
}

/** The words of a command line, as its parser has read them; values of the environment are not among them. */
type TypedWords = readonly ({ readonly type: 'flag'; readonly flag: string } | { readonly type: 'arg' })[];

type Values = Readonly<Record<string, unknown>>;

/** What a command line, and the environment, ask for. */
export class AskedByFlags {
  readonly #given: Record<string, unknown> = {};
  readonly #ambient: Record<string, unknown> = {};

  constructor(operations: readonly AnyOperation[], flags: Values, words: TypedWords) {
    const typed = new Set(words.flatMap((word) => (word.type === 'flag' ? [word.flag] : [])));
    for (const { options } of operations) {
      for (const [name, option] of Object.entries(options as Record<string, AnyOption>)) {
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

  /**
   * The options of an operation. AppError 'bad-usage' for what was typed and means nothing to it; what comes from the environment
   * is meant for all commands alike, and refused nowhere.
   * @param more what the arguments say
   */
  of<S extends object>(operation: Operation<S>, more: Values = {}): Asked<S> {
    const isSaid = (value: unknown): boolean =>
      value !== undefined && !(Array.isArray(value) && value.length === 0);
    const said = Object.fromEntries(Object.entries(more).filter(([, value]) => isSaid(value)));
    try {
      return askedOf(operation, { ...this.#given, ...said }, this.#ambient);
    } catch (error) {
      throw withFlagOf(error, operation, Object.keys(said));
    }
  }
}

/** Details have the flag, as those of all errors of a command line. */
function withFlagOf(error: unknown, { options }: AnyOperation, args: readonly string[]): unknown {
  if (!(error instanceof AppError) || typeof error.details['option'] !== 'string') return error;
  const { option, ...details } = error.details as { readonly option: string };
  const kind: unknown = (options as Values)[option];
  // An argument is called as help calls it.
  const called = (text: string): string =>
    args.includes(option) ? text.replaceAll(`\`${option}\``, option.replace(/s$/, '').toUpperCase()) : text;
  return new AppError(error.code, called(error.message), {
    suggestions: error.suggestions.map(called),
    details: { flag: flagNameOf(option, isObject(kind) ? kind : {}), ...details },
  });
}
