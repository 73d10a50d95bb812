/** What `user-vector` prints: one vector in short, or what became of everyone's. */
import type { UserVectorResult, UserVectorsResult } from '../../core/tasks/user-vector.js';
import { commandLine } from '../terminal/command-line.js';
import { drawReport, factsOfMade, type Fact } from '../terminal/facts.js';
import { count, decimals, duration } from '../terminal/numbers.js';
import type { Screen } from '../terminal/screen.js';

/** More values than these say nothing to the eye; --json has all. */
const valuesShown = 6;

export function drawUserVector(result: UserVectorResult, screen: Screen): string {
  const { vector } = result;
  const norm = Math.hypot(...vector);
  const more = vector.length > valuesShown ? ` … (${count(vector.length)} in all: --json)` : '';
  const facts: Fact[] = [
    ['snapshot', result.snapshot],
    ['events', count(result.events)],
    ['dimensions', count(result.dim)],
    ['norm', decimals(norm)],
    ['values', vector.slice(0, valuesShown).map(decimals).join(' ') + more],
    ['solved', result.converged ? undefined : 'approximate: the equations did not converge'],
  ];
  return drawReport(`Vector of ${result.user ?? 'a new user'}`, facts, screen);
}

export function drawUserVectors(result: UserVectorsResult, screen: Screen, line = commandLine()): string {
  const headline = result.existed
    ? `Found snapshot ${result.snapshot} complete: the same was done before`
    : `Made vectors of ${count(result.users)} users in ${duration(result.seconds)}`;
  const nearly = result.unconverged > 0 ? `approximate for ${count(result.unconverged)} of them` : undefined;
  const facts: Fact[] = [
    ['snapshot', result.snapshot],
    ['from', result.parent],
    ['solved', nearly],
    ...factsOfMade(result, line('publish', ...(result.tag === null ? [] : [result.tag]))),
  ];
  return drawReport(headline, facts, screen);
}
