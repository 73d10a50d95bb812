import { Text } from 'ink';
import type { ReactNode } from 'react';
import type { View } from './browser-state.js';
import { cutText } from './fit-text.js';
import type { Theme } from './theme.js';

export interface ListMessageProps {
  readonly view: View;
  readonly width: number;
  readonly theme: Theme;
}

/** What stands in place of a list that has no rows. */
export function ListMessage({ view, width, theme }: ListMessageProps): ReactNode {
  if (view.answer.kind === 'failure') {
    return <Text {...theme.failure}>{cutText(view.answer.message, width)}</Text>;
  }
  return <Text {...theme.quiet}>{cutText(emptyMessage(view), width)}</Text>;
}

function emptyMessage(view: View): string {
  if (view.kind === 'neighbours') return 'Nothing is close to this one.';
  if (view.field.text === '') return 'There is nothing in this snapshot.';
  return `Nothing matches “${view.field.text}”. Try fewer letters.`;
}
