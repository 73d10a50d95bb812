/** Flags of what answers over HTTP. */
import { optionValues } from '../../core/options/values.js';
import { choice, inGroup, several, text, toggle, wholeNumber, withEnvironment } from './flag-kinds.js';
import { globalFlags } from './flags.js';
import { fallbackFlag } from './recipe-flags.js';

/** Every command has one root, and a type that says so; where it is given several times its value is a list all the same. */
export const rootsFlag: Pick<typeof globalFlags, 'root'> = {
  root: {
    ...(several(globalFlags.root) as object as typeof globalFlags.root),
    description: 'directory that holds the snapshots; NAME=DIR for each of several (repeatable)',
    defaultHelp: () => Promise.resolve(optionValues.root.default),
  },
};

/** What --root was given. */
export function givenRoots(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

export const serveFlags = {
  ...inGroup(
    'SERVICE',
    withEnvironment({
      host: text({ description: 'address to listen at', helpValue: 'ADDRESS', ...optionValues.host }),
      port: wholeNumber({ description: 'port to listen at; 0: any that is free', ...optionValues.port }),
      'allow-host': several(
        text({
          description: 'name by which requests may call the service, besides its own',
          helpValue: 'NAME',
        }),
      ),
      'token-file': text({
        description:
          'file with a token a line, after it rights (read,listeners,feedback,hide,forget) and names of roots; read again on SIGHUP',
        defaultText: 'a token is made, and printed once',
        helpValue: 'FILE',
      }),
      'require-token': toggle({
        description: 'ask for a token for reading too, on a loopback address',
      }),
      workers: wholeNumber({
        description: 'threads that search',
        defaultText: 'one per core',
        ...optionValues.workers,
      }),
      timeout: text({
        description: 'longest that an answer may take',
        helpValue: 'TIME',
        ...optionValues.timeout,
      }),
      drain: text({
        description: 'on SIGTERM, how long answers go on while /readyz is 503 already',
        helpValue: 'TIME',
        ...optionValues.drain,
      }),
      'max-requests': wholeNumber({
        description: 'answers under way at once, of 100 results each; more are refused with 503',
        defaultText: '64 per worker',
        ...optionValues.maxRequests,
      }),
    }),
  ),
  ...fallbackFlag(optionValues.fallback),
  ...inGroup(
    'LOG',
    withEnvironment({
      'log-level': choice(optionValues.logLevel.choices, {
        description: 'how much is logged; info has a line of JSON for each request',
        default: optionValues.logLevel.default,
      }),
      'log-file': text({
        description: 'file that lines are appended to',
        defaultText: 'standard error',
        helpValue: 'FILE',
      }),
      'log-details': toggle({
        description: 'log addresses and callers, which may name users',
      }),
    }),
  ),
};
