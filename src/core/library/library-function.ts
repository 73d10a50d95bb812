/** How the library's functions are made of tasks: what they are given is checked and completed, then the task is loaded. */
import type { TaskContext } from '../contracts.js';
import { AppError } from '../errors.js';
import { anyFunction, checkOptions, isObject, like, moment } from '../options/kinds.js';
import { askedOf, type Operation } from '../options/operation.js';
import type { Asked, Given } from '../options/option.js';
import type { Answer, QueryName } from '../query/queries.js';

const never = (): AbortSignal => new AbortController().signal;
const ignored = (): TaskContext['onProgress'] => () => undefined;

const contextOptions = {
  signal: { ...like<AbortSignal>('an AbortSignal', isSignal), fallback: never },
  onProgress: { ...like<TaskContext['onProgress']>('a function', anyFunction), fallback: ignored },
  now: moment,
};

/** Also one of another realm, or of a library that makes its own. */
function isSignal(value: unknown): boolean {
  return isObject(value) && typeof value['aborted'] === 'boolean' && anyFunction(value['addEventListener']);
}

/** The side channels of a call, each of which may be left out: nothing stops it then, and nobody is told how far it is. */
export type CallContext = Given<typeof contextOptions>;

/** Options may be left out where all of them may. Rejects with an AppError 'bad-usage' for an option that cannot be meant. */
export type LibraryFunction<O, R> = object extends O
  ? (options?: O, context?: CallContext) => Promise<R>
  : (options: O, context?: CallContext) => Promise<R>;

/** A function that resolves to `On` where the switch `Name` is given, which the types of its task do not say, else to `Off`. */
export interface EitherResult<O, Name extends string, Off, On> {
  (options: O & Readonly<Record<Name, true>>, context?: CallContext): Promise<On>;
  (options: O & Readonly<Partial<Record<Name, false | undefined>>>, context?: CallContext): Promise<Off>;
  (options: O, context?: CallContext): Promise<Off | On>;
}

/** Whatever else a program keeps in its context is its own. */
export function contextOf(context: CallContext = {}, of: string): TaskContext {
  const { signal, onProgress, now } = isObject(context) ? context : {};
  const known = isObject(context) ? { signal, onProgress, now } : context;
  return checkOptions<TaskContext>(contextOptions, known, `the context of ${of}`);
}

/** As `askedOf`; of its suggestions those that a call can follow, which has no options but the operation's. */
export function askedByProgram<S extends object>(operation: Operation<S>, given: unknown): Asked<S> {
  try {
    return askedOf(operation, given);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { code, message, details, suggestions } = error;
    const isOption = (name: string): boolean =>
      name === details['option'] || Object.hasOwn(operation.options, name);
    const names = (text: string): string[] => Array.from(text.matchAll(/`(\w+)`/g), ([, name = '']) => name);
    const followed = suggestions.filter((text) => names(text).every((name) => isOption(name)));
    throw new AppError(code, message, { suggestions: followed, details });
  }
}

/** @param load the task; what it imports is not loaded before it is called */
export function libraryFunction<S extends object, R>(
  operation: Operation<S>,
  load: () => Promise<(options: Asked<S>, context: TaskContext) => Promise<R>>,
): LibraryFunction<Given<S>, R> {
  return async (options?: Given<S>, context?: CallContext) => {
    const asked = askedByProgram(operation, options);
    const side = contextOf(context, operation.name);
    return (await load())(asked, side);
  };
}

/** A function that asks one query of a snapshot that is opened for it. @param operation the query's, with where the snapshot is */
export function askingFunction<S extends object, Name extends QueryName>(
  operation: Operation<S>,
  name: Name,
): LibraryFunction<Given<S>, Answer<Name>> {
  return libraryFunction(operation, async () => {
    const { askOnce } = await import('../tasks/ask.js');
    return (asked, context) => askOnce(name, asked as Parameters<typeof askOnce<Name>>[1], context);
  });
}
