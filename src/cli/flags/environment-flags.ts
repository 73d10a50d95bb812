/** Flags that nobody typed: their values come from the environment, and so is what is wrong with them called. */
import { AppError } from '../../core/errors.js';

/** The parts of a command's flags that are looked at. */
export type KnownFlags = Readonly<
  Record<string, { readonly type?: string; readonly env?: string; readonly char?: string }>
>;

/** The variables that give flags their values, by the flag's name: those that are set, of flags that were not typed. */
export function flagsFromEnvironment(
  flags: KnownFlags,
  argv: readonly string[],
  env: Readonly<NodeJS.ProcessEnv> = process.env,
): ReadonlyMap<string, string> {
  const end = argv.indexOf('--');
  const words = end === -1 ? argv : argv.slice(0, end);
  const isTyped = (name: string, char: string | undefined): boolean =>
    words.some(
      (word) =>
        word === `--${name}` ||
        word.startsWith(`--${name}=`) ||
        (char !== undefined && !word.startsWith('--') && word.startsWith(`-${char}`)),
    );
  return new Map(
    Object.entries(flags).flatMap(([name, { env: variable, char }]) =>
      variable !== undefined && (env[variable] ?? '') !== '' && !isTyped(name, char)
        ? [[name, variable] as const]
        : [],
    ),
  );
}

/** What a text says of flags, said of the variables that they come from. */
export function namingVariables(text: string, variables: ReadonlyMap<string, string>): string {
  return text.replace(/(?<![\w-])--([a-z][a-z-]*)/g, (flag, name: string) => variables.get(name) ?? flag);
}

const switches = new Set(['1', 'true', 'yes', 'y', '0', 'false', 'no', 'n']);

/** AppError 'bad-usage' for a variable that says neither yes nor no, where its flag has no value: oclif takes it for no. */
export function requireSwitches(
  flags: KnownFlags,
  argv: readonly string[],
  env: Readonly<NodeJS.ProcessEnv> = process.env,
): void {
  for (const [name, variable] of flagsFromEnvironment(flags, argv, env)) {
    const value = env[variable] ?? '';
    if (flags[name]?.type !== 'boolean' || switches.has(value.toLowerCase())) continue;
    throw new AppError(
      'bad-usage',
      `${variable} "${value}": wanted 1, true, yes or y, or 0, false, no or n`,
      { details: { variable, value } },
    );
  }
}
