/** @jsxImportSource preact */
import type { VNode } from 'preact';
import { safeText } from '../core/safe-text.js';

export interface SvgTextProps {
  readonly x: number;
  /** The middle of its line. */
  readonly y: number;
  readonly children: string;
  readonly anchor?: 'start' | 'middle' | 'end';
  /** As important as the marks. */
  readonly strong?: boolean;
  /** Over marks: with its ground around it. */
  readonly halo?: boolean;
}

/** A third of 13 px: from the middle of a line of text to its baseline. Not every renderer knows other baselines. */
const toBaseline = 4.4;

/** A line of text, harmless whatever it says. */
export function SvgText({
  x,
  y,
  children,
  anchor = 'start',
  strong = false,
  halo = false,
}: SvgTextProps): VNode {
  const [px, py] = [rounded(x), rounded(y + toBaseline)];
  return (
    <text x={px} y={py} text-anchor={anchor} {...(strong && { class: halo ? 'strong halo' : 'strong' })}>
      {safeText(children)}
    </text>
  );
}

/** A tenth of a unit is less than anyone sees. */
export function rounded(place: number): number {
  return Math.round(place * 10) / 10;
}

/** What fits `most` letters, and … for the rest; safe to show. */
export function shortened(text: string, most: number): string {
  const letters = Array.from(safeText(text));
  return letters.length <= most ? letters.join('') : `${letters.slice(0, most - 1).join('')}…`;
}
