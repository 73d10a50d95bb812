/** The arguments of commands. None is ever read from stdin: there `-` is a file name, and nothing else waits. */
import { string } from '@oclif/core/args';
import type { Arg } from '@oclif/core/interfaces';

export function requiredArg(description: string): Arg<string> {
  return string({ description, required: true, ignoreStdin: true });
}

export function optionalArg(description: string): Arg<string | undefined> {
  return string({ description, ignoreStdin: true });
}

/** One or more. */
export function requiredArgs(description: string): Arg<string[]> {
  return string({ description, multiple: true, required: true, ignoreStdin: true });
}

/** None or more. */
export function optionalArgs(description: string): Arg<string[] | undefined> {
  return string({ description, multiple: true, ignoreStdin: true });
}
