import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import { mostRows, rowsOf, type View } from './browser-state.js';
import { cutText } from './fit-text.js';
import type { Theme } from './theme.js';

export interface ListCaptionProps {
  readonly view: View;
  readonly listRows: number;
  readonly width: number;
  readonly theme: Theme;
}

/** What the list below is, and which part of it is on screen. */
export function ListCaption({ view, listRows, width, theme }: ListCaptionProps): ReactNode {
  const length = rowsOf(view).length;
  const { top } = view.window;
  const title = titleOf(view, length);
  const position = length > listRows ? `${top + 1}–${top + listRows} of ${length}` : '';
  return (
    <Box justifyContent="space-between" width={width}>
      <Text {...theme.quiet}>{cutText(title, width)}</Text>
      <Text {...theme.quiet}>{title.length + position.length < width ? position : ''}</Text>
    </Box>
  );
}

function titleOf(view: View, length: number): string {
  if (length === 0) return '';
  if (view.kind === 'neighbours') return 'Closest first';
  if (view.field.text === '') return 'Most played first';
  return length < mostRows ? `${length} found` : `The first ${mostRows} found`;
}
