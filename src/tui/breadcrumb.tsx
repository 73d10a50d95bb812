import { Text } from 'ink';
import type { ReactNode } from 'react';
import { cutText, shownWidth } from './fit-text.js';
import type { Theme } from './theme.js';

export interface BreadcrumbProps {
  /** Names of the items walked through, oldest first; the last is where we are. */
  readonly names: readonly string[];
  readonly width: number;
  readonly theme: Theme;
}

const arrow = ' › ';
const earlier = '…';
const widestEarlierName = 28;

/** The way here, ending in the item that the screen is about. Where it is too long, its beginning is left out. */
export function Breadcrumb({ names, width, theme }: BreadcrumbProps): ReactNode {
  const { way, here } = wayThatFits(names, width);
  return (
    <Text wrap="truncate">
      <Text {...theme.quiet}>{way.map((name) => name + arrow).join('')}</Text>
      <Text {...theme.accent}>{here}</Text>
    </Text>
  );
}

/** The last name, and as many of those before it as fit, with '…' for the ones left out. All are safe to show. */
export function wayThatFits(
  names: readonly string[],
  width: number,
): { readonly way: readonly string[]; readonly here: string } {
  const here = cutText(names.at(-1) ?? '', width);
  const before = names.slice(0, -1).map((name) => cutText(name, widestEarlierName));
  const lengthOf = (name: string): number => shownWidth(name) + arrow.length;
  let room = width - shownWidth(here);
  let first = before.length;
  while (first > 0) {
    const more = lengthOf(before[first - 1] ?? '');
    const ellipsis = first > 1 ? lengthOf(earlier) : 0;
    if (more + ellipsis > room) break;
    room -= more;
    first -= 1;
  }
  const way = before.slice(first);
  return { way: first > 0 && lengthOf(earlier) <= room ? [earlier, ...way] : way, here };
}
