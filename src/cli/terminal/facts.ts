/** A short list of what is known about one subject: `label  value`, a line each. */
import { cut, roughWidth } from './display-width.js';
import { paragraph } from './paragraph.js';
import { safeText } from './safe-text.js';
import { styled, type Screen } from './screen.js';
import { hasRoomBeside, wrapped } from './wrapped-lines.js';

/** A label and its value; undefined values are left out. */
export type Fact = readonly [label: string, value: string | undefined];

const gap = 2;
/** A longer one would leave no room for values. */
const longestLabel = 24;

/** Columns that a value is set in by where it stands below its label. */
const indent = 2;

export function drawFacts(facts: readonly Fact[], screen: Screen): string {
  const known = facts.flatMap(([label, value]) =>
    value === undefined ? [] : [[shown(label), safeText(value)] as const],
  );
  const width = Math.max(...known.map(([label]) => label.length)) + gap;
  if (!hasRoomBeside(width, screen.width)) return known.map((fact) => belowItsLabel(fact, screen)).join('\n');
  const nextLine = `\n${' '.repeat(width)}`;
  const room = screen.width - width;
  return known
    .map(([label, value]) => {
      const lines = wrapped(value, room);
      const widest = Math.max(...lines.map(roughWidth));
      // A word that does not fit beside the labels, and does below.
      if (widest > room && (widest <= screen.width - indent || screen.width < 40))
        return belowItsLabel([label, value], screen);
      return styled(screen, 'dim', label.padEnd(width)) + lines.join(nextLine);
    })
    .join('\n');
}

/** What was done in a line, and what is known about it below. */
export function drawReport(headline: string, facts: readonly Fact[], screen: Screen): string {
  const headed = paragraph(headline, screen, 'bold');
  return facts.every(([, value]) => value === undefined) ? headed : `${headed}\n${drawFacts(facts, screen)}`;
}

/** Of a snapshot that was made: its tag, its directory, and what to do with it next. */
export function factsOfMade(
  { tag, path }: { readonly tag: string | null; readonly path: string },
  next: string,
): Fact[] {
  return [
    ['tag', tag ?? undefined],
    ['path', path],
    ['next', next],
  ];
}

/** On one line where both fit, else the value below, set in. */
function belowItsLabel([label, value]: readonly [label: string, value: string], screen: Screen): string {
  const { width } = screen;
  const head = styled(screen, 'dim', cut(label, width, roughWidth));
  if (label !== '' && roughWidth(label) + gap + roughWidth(value) <= width)
    return `${head}${' '.repeat(gap)}${value}`;
  const lines = wrapped(value, width - indent).map((line) => ' '.repeat(indent) + line);
  return [...(label === '' ? [] : [head]), ...lines].join('\n');
}

/** A label may be the name of a metric, which is data. */
function shown(label: string): string {
  return cut(safeText(label), longestLabel, roughWidth);
}
