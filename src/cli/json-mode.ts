/** Whether a command line asks for JSON: known before it is parsed, since usage errors have to be JSON too. */

const yes = new Set(['1', 'true', 'yes', 'y']);

export function wantsJson(argv: readonly string[], env: Readonly<NodeJS.ProcessEnv> = process.env): boolean {
  const end = argv.indexOf('--');
  const flags = end === -1 ? argv : argv.slice(0, end);
  return flags.includes('--json') || yes.has((env['SEGUE_JSON'] ?? '').toLowerCase());
}
