/** A short list of what is known about one thing: `label  value`, a line each. */
import { safeText } from './safe-text.js';
import { styled } from './screen.js';
import type { Screen } from './screen.js';
import { wrapped } from './wrapped-lines.js';

/** A label and its value; undefined values are left out. */
export type Fact = readonly [label: string, value: string | undefined];

const gap = 2;
/** A longer one would leave no room for values. */
const longestLabel = 24;

export function drawFacts(facts: readonly Fact[], screen: Screen): string {
  const known = facts.flatMap(([label, value]) =>
    value === undefined ? [] : [[shown(label), value] as const],
  );
  const width = Math.max(...known.map(([label]) => label.length)) + gap;
  const nextLine = `\n${' '.repeat(width)}`;
  return known
    .map(([label, value]) => {
      const lines = wrapped(safeText(value), screen.width - width);
      return styled(screen, 'dim', label.padEnd(width)) + lines.join(nextLine);
    })
    .join('\n');
}

/** A label may be the name of a metric, which is data. */
function shown(label: string): string {
  const safe = safeText(label);
  return safe.length > longestLabel ? `${safe.slice(0, longestLabel - 1)}…` : safe;
}
