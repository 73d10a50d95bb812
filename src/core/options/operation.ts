/** An operation: its options, and the rules between them. Whoever asks for it, they are checked here. */
import { catalogue } from './catalogue.js';
import { checkOptions, isObject, refusedUse, type OptionKind, type OptionShape } from './kinds.js';
import type { Asked } from './option.js';

/** Options that mean something only beside others. */
export interface Rule {
  readonly options: readonly string[];
  /** One of these has to be given; `engine=spark` is an option with its value, `models:epochs` one that names it of a model. */
  readonly needs?: readonly string[];
  /** None of these may be. */
  readonly unless?: readonly string[];
  /** Follows the name of the option; other options are in backquotes. */
  readonly because: string;
  /** What else may have been meant. */
  readonly instead?: string;
}

export interface Operation<S> {
  readonly name: string;
  readonly options: S;
  readonly rules: readonly Rule[];
  /** Options of its relatives that it does not take → why. */
  readonly refuses: Refusals;
}

export type Refusal = Pick<Rule, 'because' | 'instead'>;
export type Refusals = Readonly<Record<string, Refusal>>;

export function operation<S extends object>(
  name: string,
  options: S,
  { rules = [], refuses = {} }: Partial<Pick<Operation<S>, 'rules' | 'refuses'>> = {},
): Operation<S> {
  return { name, options, rules, refuses };
}

type Values = Readonly<Record<string, unknown>>;

/**
 * What was given, checked and completed.
 *
 * @param given what somebody asked for: of these none may mean nothing
 * @param ambient what holds for all operations alike, such as the environment: it is left out where it means nothing
 * @throws AppError 'bad-usage' naming the option: there is none, its value is not wanted, it is missing, or means nothing
 */
export function askedOf<S extends object>(
  { name, options, rules, refuses }: Operation<S>,
  given: unknown,
  ambient: Values = {},
): Asked<S> {
  const isWhole = given === undefined || isObject(given);
  const said: Values = isObject(given) ? given : {};
  // What it does not take it cannot say the usual value of.
  for (const [option, because] of Object.entries(refuses))
    if (isGiven(option, said, catalogue)) throw refusedUse(option, because);
  const explicit = Object.fromEntries(
    Object.entries(said).filter(([option]) => !Object.hasOwn(refuses, option)),
  );
  const all: Values = { ...meant(options, rules, ambient, explicit), ...explicit };
  const shape = options as unknown as OptionShape<Asked<S>>;
  const asked = checkOptions<Asked<S>>(shape, isWhole ? all : given, name);
  for (const rule of rules) {
    if (!isBroken(rule, all, options)) continue;
    const option = rule.options.find((each) => isGiven(each, explicit, options));
    if (option !== undefined) throw refusedUse(option, rule);
  }
  return asked;
}

/** Of what is ambient, what the operation takes and no rule refuses beside what was given. */
function meant(options: object, rules: readonly Rule[], ambient: Values, given: Values): Values {
  const taken = Object.fromEntries(Object.entries(ambient).filter(([name]) => Object.hasOwn(options, name)));
  const refused = rules
    .filter((rule) => isBroken(rule, { ...taken, ...given }, options))
    .flatMap((rule) => rule.options);
  return Object.fromEntries(Object.entries(taken).filter(([name]) => !refused.includes(name)));
}

function isBroken({ needs, unless = [] }: Rule, values: Values, options: object): boolean {
  const holds = (condition: string): boolean => {
    const [models = '', ofModel] = condition.split(':');
    if (ofModel !== undefined) return mentions(values[models], plain(ofModel));
    const [name = '', value] = condition.split('=');
    return value === undefined ? isInEffect(name, values, options) : values[name] === value;
  };
  return needs?.some(holds) === false || unless.some(holds);
}

/** Options of models are named as flags are, or as the library does. */
const plain = (text: string): string => text.replaceAll('-', '').toLowerCase();

function mentions(value: unknown, option: string): boolean {
  if (typeof value === 'string') return plain(value).includes(option);
  return (
    (isObject(value) || Array.isArray(value)) &&
    Object.entries(value).some(([key, inner]) => plain(key) === option || mentions(inner, option))
  );
}

/** A switch that is as it is anyway, and a list of none, ask for nothing. */
function isGiven(name: string, values: Values, options: object): boolean {
  const value = values[name];
  if (Array.isArray(value)) return value.length > 0;
  return typeof value === 'boolean' ? isInEffect(name, values, options) : value !== undefined;
}

/** Given, and not what it is anyway. */
function isInEffect(name: string, values: Values, options: object): boolean {
  const value = values[name];
  if (value === undefined || value === false || (Array.isArray(value) && value.length === 0)) {
    return value === false && usual(name, options) === true;
  }
  return value !== usual(name, options);
}

function usual(name: string, options: object): unknown {
  return (options as Readonly<Record<string, OptionKind<unknown> | undefined>>)[name]?.fallback?.();
}
