/** Flags as the options of a task: the same values under the same names, as TypeScript writes them. */

/** Flags that switch off what is done by default: their options say whether it is done. */
const switchedOff = { 'no-feedback': 'feedback', 'no-map': 'map' } as const;

/** half-life → halfLife */
type CamelCase<S extends string> = S extends keyof typeof switchedOff
  ? (typeof switchedOff)[S]
  : S extends `${infer Head}-${infer Tail}`
    ? `${Head}${Capitalize<CamelCase<Tail>>}`
    : S;

/** A flag that may be repeated is a list, empty where it was not given. */
type Given<T> = [T] extends [readonly string[] | undefined] ? readonly string[] : T;

type FlagDefinitions = Readonly<Record<string, { readonly multiple?: boolean }>>;

export type OptionsOf<F, D> = {
  readonly [K in keyof F & (keyof D | 'root') & string as CamelCase<K>]: Given<F[K]>;
};

/**
 * The values of the flags that `definitions` names, and of --root, which every task needs. --json is for the command
 * alone.
 */
export function optionsOf<F extends { readonly root: string }, D extends object>(
  flags: F,
  definitions: D,
): OptionsOf<F, D> {
  const values: Readonly<Record<string, unknown>> = { ...flags };
  const options = Object.entries(definitions as FlagDefinitions).map(([name, { multiple }]) => {
    const switched = Object.entries(switchedOff).find(([off]) => off === name);
    if (switched !== undefined) return [switched[1], values[name] !== true];
    return [
      name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      values[name] ?? (multiple === true ? [] : undefined),
    ];
  });
  return { root: flags.root, ...Object.fromEntries(options) } as OptionsOf<F, D>;
}
