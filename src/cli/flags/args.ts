/** The arguments of commands. None is ever read from stdin: there `-` is a file name, and nothing else waits. */
import { string } from '@oclif/core/args';
import type { Arg } from '@oclif/core/interfaces';

/** The options that an argument stands for, the first of which has its value; undefined where that is the one of its name. */
type OfOptions<T> = Arg<T> & { readonly of?: readonly string[] | undefined };

export function requiredArg(description: string, ...of: readonly string[]): OfOptions<string> {
  return { ...string({ description, required: true, ignoreStdin: true }), of };
}

export function optionalArg(description: string, ...of: readonly string[]): OfOptions<string | undefined> {
  return { ...string({ description, ignoreStdin: true }), of };
}

/** One or more. */
export function requiredArgs(description: string, ...of: readonly string[]): OfOptions<string[]> {
  return { ...string({ description, multiple: true, required: true, ignoreStdin: true }), of };
}

/** None or more. */
export function optionalArgs(description: string, ...of: readonly string[]): OfOptions<string[] | undefined> {
  return { ...string({ description, multiple: true, ignoreStdin: true }), of };
}

/** By the names of arguments, the options that they stand for. */
export function optionsOf(args: object): Record<string, readonly string[]> {
  const named = Object.entries(args as Readonly<Record<string, OfOptions<unknown>>>);
  return Object.fromEntries(named.map(([name, { of = [] }]) => [name, of.length > 0 ? of : [name]]));
}
