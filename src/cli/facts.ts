/** A short list of what is known about one thing: `label  value`, a line each. */
import { safeText } from './safe-text.js';
import { styled } from './screen.js';
import type { Screen } from './screen.js';
import { wrapped } from './wrapped-lines.js';

/** A label and its value; undefined values are left out. */
export type Fact = readonly [label: string, value: string | undefined];

const gap = 2;

export function drawFacts(facts: readonly Fact[], screen: Screen): string {
  const known = facts.filter((fact): fact is readonly [string, string] => fact[1] !== undefined);
  const width = Math.max(...known.map(([label]) => label.length)) + gap;
  const nextLine = `\n${' '.repeat(width)}`;
  return known
    .map(([label, value]) => {
      const lines = wrapped(safeText(value), screen.width - width);
      return styled(screen, 'dim', label.padEnd(width)) + lines.join(nextLine);
    })
    .join('\n');
}
