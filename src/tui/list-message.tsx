import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import { safeText } from '../cli/terminal/safe-text.js';
import type { View } from './browser-state.js';
import type { Theme } from './theme.js';

export interface ListMessageProps {
  readonly view: View;
  readonly width: number;
  readonly rows: number;
  readonly theme: Theme;
}

/** What stands in place of a list that has no rows: as many of its lines as the list would have. */
export function ListMessage({ view, width, rows, theme }: ListMessageProps): ReactNode {
  const { answer } = view;
  const text = answer.kind === 'failure' ? answer.message : emptyMessage(view);
  return (
    <Box width={width} height={rows} overflow="hidden">
      <Text {...(answer.kind === 'failure' ? theme.failure : theme.quiet)}>{safeText(text)}</Text>
    </Box>
  );
}

function emptyMessage(view: View): string {
  if (view.kind === 'neighbours') return 'Nothing is close to this one.';
  if (view.field.text === '') return 'There is nothing in this snapshot.';
  return `Nothing matches “${view.field.text}”. Try fewer letters.`;
}
