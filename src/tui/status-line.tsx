import { Text } from 'ink';
import type { ReactNode } from 'react';
import type { BrowserState } from './browser-state.js';
import { cutText } from './fit-text.js';
import { KeyHints } from './key-hints.js';
import type { Theme } from './theme.js';

export interface StatusLineProps {
  readonly state: BrowserState;
  readonly width: number;
  readonly theme: Theme;
}

/** What has just happened, until the next key; else the keys. */
export function StatusLine({ state, width, theme }: StatusLineProps): ReactNode {
  const { notice } = state;
  if (notice === undefined) return <KeyHints state={state} width={width} theme={theme} />;
  const style = notice.isFailure ? theme.failure : theme.accent;
  return <Text {...style}>{cutText(notice.text, width)}</Text>;
}
