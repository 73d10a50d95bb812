/** What `user-vector` prints: one vector in short, or what became of everyone's. */
import type { UserVectorResult, UserVectorsResult } from '../../core/tasks/user-vector.js';
import { commandLine } from '../terminal/command-line.js';
import type { CommandLine } from '../terminal/command-line.js';
import { drawFacts } from '../terminal/facts.js';
import { count, decimals, duration } from '../terminal/numbers.js';
import { paragraph } from '../terminal/paragraph.js';
import type { Screen } from '../terminal/screen.js';

/** More values than these say nothing to the eye; --json has all. */
const valuesShown = 6;

export function drawUserVector(result: UserVectorResult, screen: Screen): string {
  const { vector } = result;
  const norm = Math.hypot(...vector);
  const more = vector.length > valuesShown ? ` … (${count(vector.length)} in all: --json)` : '';
  return [
    paragraph(`Vector of ${result.user ?? 'someone new'}`, screen, 'bold'),
    drawFacts(
      [
        ['snapshot', result.snapshot],
        ['events', count(result.events)],
        ['dimensions', count(result.dim)],
        ['norm', decimals(norm)],
        ['values', vector.slice(0, valuesShown).map(decimals).join(' ') + more],
        ['solved', result.converged ? undefined : 'only nearly: the equations did not converge'],
      ],
      screen,
    ),
  ].join('\n');
}

export function drawUserVectors(
  result: UserVectorsResult,
  screen: Screen,
  line: CommandLine = commandLine(),
): string {
  const headline = result.existed
    ? `Found snapshot ${result.snapshot} complete: the same was done before`
    : `Made vectors of ${count(result.users)} users in ${duration(result.seconds)}`;
  return [
    paragraph(headline, screen, 'bold'),
    drawFacts(
      [
        ['snapshot', result.snapshot],
        ['from', result.parent],
        [
          'solved',
          result.unconverged > 0 ? `only nearly, for ${count(result.unconverged)} of them` : undefined,
        ],
        ['tag', result.tag ?? undefined],
        ['path', result.path],
        ['next', line('publish', ...(result.tag === null ? [] : [result.tag]))],
      ],
      screen,
    ),
  ].join('\n');
}
