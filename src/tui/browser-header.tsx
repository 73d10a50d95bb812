import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import { cutText } from './fit-text.js';
import { browserTitle, type Theme } from './theme.js';

export interface BrowserHeaderProps {
  readonly snapshot: string;
  readonly width: number;
  readonly theme: Theme;
}

export function BrowserHeader({ snapshot, width, theme }: BrowserHeaderProps): ReactNode {
  const room = width - browserTitle.length - 1;
  return (
    <Box justifyContent="space-between" width={width}>
      <Text {...theme.accent}>{browserTitle}</Text>
      <Text {...theme.quiet}>{cutText(`snapshot ${snapshot}`, room)}</Text>
    </Box>
  );
}
