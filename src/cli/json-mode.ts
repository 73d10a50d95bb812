/** Switches that are known before a command line is parsed, since usage errors have to obey them too. */

const yes = new Set(['1', 'true', 'yes', 'y']);

/** Whether a command line asks for JSON. */
export function wantsJson(argv: readonly string[], env: Readonly<NodeJS.ProcessEnv> = process.env): boolean {
  return isOn('json', argv, env);
}

/** How much is said on stderr: quiet, warnings and errors alone; verbose, steps with their times and stacks of errors too. */
export type Loudness = 'quiet' | 'usual' | 'verbose';

export function loudnessOf(
  argv: readonly string[],
  env: Readonly<NodeJS.ProcessEnv> = process.env,
): Loudness {
  if (isOn('quiet', argv, env)) return 'quiet';
  return isOn('verbose', argv, env) ? 'verbose' : 'usual';
}

function isOn(name: string, argv: readonly string[], env: Readonly<NodeJS.ProcessEnv>): boolean {
  const end = argv.indexOf('--');
  const flags = end === -1 ? argv : argv.slice(0, end);
  return flags.includes(`--${name}`) || isYes(env[`SEGUE_${name.toUpperCase()}`] ?? '');
}

/** Whether a variable switches something on. */
export function isYes(text: string): boolean {
  return yes.has(text.toLowerCase());
}
