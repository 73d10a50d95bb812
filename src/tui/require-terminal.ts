import { AppError } from '../core/errors.js';

/**
 * Returns where the browser can be shown: keys come from a terminal, and frames go to one that obeys escape sequences.
 * To be asked before anything is opened for it.
 *
 * @throws AppError `not-a-terminal`
 */
export function requireTerminal(): void {
  const { stdin, stdout, env } = process;
  const lacking = [
    ...(stdin.isTTY ? [] : ['stdin is not one']),
    ...(stdout.isTTY ? [] : ['stdout is not one']),
    ...(env['TERM'] === 'dumb' ? ['TERM=dumb cannot place text on its screen'] : []),
  ];
  if (lacking.length === 0) return;
  throw new AppError('not-a-terminal', `the browser needs a terminal, but ${lacking.join(', and ')}`, {
    suggestions: [
      'segue similar ITEM prints the neighbours of an item anywhere',
      'segue similar ITEM --json is for scripts',
    ],
  });
}
