/** A short list of what is known about one thing: `label  value`, a line each. */
import { safeText } from './safe-text.js';
import { styled } from './screen.js';
import type { Screen } from './screen.js';

/** A label and its value; undefined values are left out. */
export type Fact = readonly [label: string, value: string | undefined];

export function drawFacts(facts: readonly Fact[], screen: Screen): string {
  const known = facts.filter((fact): fact is readonly [string, string] => fact[1] !== undefined);
  const width = Math.max(...known.map(([label]) => label.length));
  return known
    .map(([label, value]) => `${styled(screen, 'dim', label.padEnd(width))}  ${safeText(value)}`)
    .join('\n');
}
