import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import { fitText } from './fit-text.js';
import type { Theme } from './theme.js';

export interface HelpCardProps {
  /** Columns and rows that the card may take. */
  readonly width: number;
  readonly rows: number;
  readonly theme: Theme;
}

/** The most important last line may be cut off on a short terminal, so the first come first. */
const keys: readonly (readonly [string, string])[] = [
  ['enter  →', 'walk to the neighbours of the chosen row'],
  ['backspace  ←', 'back to where you came from'],
  ['↑ ↓  k j', 'one row up, down'],
  ['page up, down', 'one screen up, down'],
  ['home  end', 'first, last row'],
  ['/  tab', 'search by name'],
  ['esc', 'leave the search'],
  ['q  ctrl-c', 'quit'],
];
const keysWidth = 15;
const widest = 62;
const borderRows = 2;

/** Every key, in place of the list. */
export function HelpCard({ width, rows, theme }: HelpCardProps): ReactNode {
  const bordered = rows >= keys.length + borderRows && width >= 30;
  const inner = Math.min(width, widest) - (bordered ? 4 : 0);
  const lines = keys.slice(0, rows).map(([names, does]) => (
    <Text key={names} wrap="truncate">
      <Text {...theme.title}>{fitText(names, Math.min(keysWidth, inner))}</Text>
      <Text {...theme.quiet}>{fitText(does, Math.max(0, inner - keysWidth))}</Text>
    </Text>
  ));
  if (!bordered) return <Box flexDirection="column">{lines}</Box>;
  const border = theme.border === undefined ? {} : { borderColor: theme.border };
  return (
    <Box flexDirection="column" borderStyle="round" {...border} paddingX={1} width={inner + 4}>
      {lines}
    </Box>
  );
}
