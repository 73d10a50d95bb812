import { Text } from 'ink';
import type { ReactNode } from 'react';
import { chosenOf, type BrowserState } from './browser-state.js';
import type { Theme } from './theme.js';

export interface KeyHintsProps {
  readonly state: BrowserState;
  readonly width: number;
  readonly theme: Theme;
}

interface Hint {
  readonly keys: string;
  readonly does: string;
}

const gap = '   ';

/** The keys that do something now, as many as fit. */
export function KeyHints({ state, width, theme }: KeyHintsProps): ReactNode {
  return (
    <Text wrap="truncate">
      {thoseThatFit(hintsFor(state), width).map(({ keys, does }, index) => (
        <Text key={keys}>
          {index === 0 ? '' : gap}
          <Text {...theme.title}>{keys}</Text>
          <Text {...theme.quiet}>{` ${does}`}</Text>
        </Text>
      ))}
    </Text>
  );
}

/** The first can be guessed and the last must be known: where room is short, hints go from the front. */
function hintsFor(state: BrowserState): readonly Hint[] {
  const { view, trail } = state;
  if (state.help) return [{ keys: 'any key', does: 'back' }, quit];
  const chosen = chosenOf(view) !== undefined;
  const back = trail.length > 0;
  if (view.kind === 'search' && view.typing) {
    return [
      ...(chosen ? [choose, { keys: 'enter', does: 'neighbours' }] : []),
      { keys: 'esc', does: back ? 'back' : 'leave' },
      { keys: 'ctrl-c', does: 'quit' },
    ];
  }
  return [
    ...(chosen ? [choose, { keys: 'enter', does: 'walk' }] : []),
    ...(back ? [{ keys: 'backspace', does: 'back' }] : []),
    { keys: '/', does: 'search' },
    { keys: '?', does: 'help' },
    quit,
  ];
}

const choose: Hint = { keys: '↑↓', does: 'choose' };
const quit: Hint = { keys: 'q', does: 'quit' };

function thoseThatFit(hints: readonly Hint[], width: number): readonly Hint[] {
  const lengthOf = ({ keys, does }: Hint): number => keys.length + 1 + does.length;
  const length = hints.reduce((sum, hint) => sum + lengthOf(hint), (hints.length - 1) * gap.length);
  return length <= width || hints.length < 2 ? hints : thoseThatFit(hints.slice(1), width);
}
