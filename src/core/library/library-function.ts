/** How the library's functions are made of tasks: what they are given is checked and completed, then the task is loaded. */
import type { TaskContext } from '../contracts.js';
import { checkOptions, isObject, type Given, type OptionShape } from '../options/kinds.js';
import * as shapes from './shapes.js';

/** The side channels of a call, each of which may be left out: nothing stops it then, and nobody is told how far it is. */
export type CallContext = Given<TaskContext, typeof shapes.context>;

/** Options may be left out where all of them may. Rejects with an AppError 'bad-usage' for an option that cannot be meant. */
export type LibraryFunction<O, R> = object extends O
  ? (options?: O, context?: CallContext) => Promise<R>
  : (options: O, context?: CallContext) => Promise<R>;

/** Whatever else a program keeps in its context is its own. */
export function contextOf(context: CallContext = {}, of: string): TaskContext {
  const { signal, onProgress, now } = isObject(context) ? context : {};
  const known = isObject(context) ? { signal, onProgress, now } : context;
  return checkOptions<TaskContext>(shapes.context, known, `the context of ${of}`);
}

/** @param load the task; what it imports is not loaded before it is called */
export function libraryFunction<O, S extends OptionShape<O>, R>(
  name: string,
  shape: S & OptionShape<O>,
  load: () => Promise<(options: O, context: TaskContext) => Promise<R>>,
): (options?: Given<O, S>, context?: CallContext) => Promise<R> {
  return async (options, context) => {
    const checked = checkOptions<O>(shape, options, name);
    const side = contextOf(context, name);
    return (await load())(checked, side);
  };
}
