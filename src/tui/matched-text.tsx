import { Text } from 'ink';
import type { ReactNode } from 'react';
import type { TextStyle, Theme } from './theme.js';

export interface MatchedTextProps {
  /** Safe to show. */
  readonly text: string;
  /** What was searched for; '' for nothing. */
  readonly query: string;
  /** Of what is not a match. */
  readonly style: TextStyle;
  readonly theme: Theme;
}

/** A text in which the part that was searched for stands out. */
export function MatchedText({ text, query, style, theme }: MatchedTextProps): ReactNode {
  const [before, match, after] = aroundMatch(text, query);
  return (
    <Text {...style}>
      {before}
      <Text {...theme.match}>{match}</Text>
      {after}
    </Text>
  );
}

/**
 * The text before, in and after its first match in any case. Where a letter changes its length with its case (İ) there
 * is no telling which part matched, and none is shown.
 */
export function aroundMatch(text: string, query: string): readonly [string, string, string] {
  const wanted = query.trim().toLowerCase();
  const folded = text.toLowerCase();
  const at = wanted === '' || folded.length !== text.length ? -1 : folded.indexOf(wanted);
  if (at < 0) return [text, '', ''];
  const end = at + wanted.length;
  return [text.slice(0, at), text.slice(at, end), text.slice(end)];
}
