import { Text } from 'ink';
import type { ReactNode } from 'react';
import type { BrowserItem } from '../core/tasks/browse.js';
import { fitText } from './fit-text.js';
import type { ItemColumns } from './item-columns.js';
import { columnGap, markerWidth, metadataOf, similarityBar, similarityText } from './item-columns.js';
import { MatchedText } from './matched-text.js';
import type { Theme } from './theme.js';

export interface ItemRowProps {
  readonly entry: BrowserItem;
  /** Shown as a bar and a number. */
  readonly similarity: number | undefined;
  /** From 1. */
  readonly rank: number;
  readonly chosen: boolean;
  /** The walk has been at its neighbours. */
  readonly visited: boolean;
  /** What was searched for; '' for nothing. */
  readonly query: string;
  readonly columns: ItemColumns;
  readonly theme: Theme;
}

const gap = ' '.repeat(columnGap);

export function ItemRow(props: ItemRowProps): ReactNode {
  const { entry, similarity, rank, chosen, visited, query, columns, theme } = props;
  const { item } = entry;
  const marker = chosen ? '❯' : visited ? '•' : '';
  return (
    <Text wrap="truncate">
      <Text {...(chosen ? theme.accent : theme.quiet)}>{fitText(marker, markerWidth)}</Text>
      <Text {...theme.quiet}>{fitText(String(rank), columns.rank, 'right') + gap}</Text>
      <MatchedText
        text={fitText(item.name, columns.name)}
        query={query}
        style={chosen ? theme.chosen : theme.plain}
        theme={theme}
      />
      <MetadataCell text={metadataOf(item, 'artist')} width={columns.artist} query={query} theme={theme} />
      <MetadataCell text={metadataOf(item, 'released')} width={columns.released} query="" theme={theme} />
      {similarity === undefined ? null : (
        <SimilarityCells similarity={similarity} chosen={chosen} width={columns.bar} theme={theme} />
      )}
    </Text>
  );
}

interface MetadataCellProps {
  readonly text: string;
  readonly width: number;
  readonly query: string;
  readonly theme: Theme;
}

function MetadataCell({ text, width, query, theme }: MetadataCellProps): ReactNode {
  if (width === 0) return null;
  return (
    <>
      <Text>{gap}</Text>
      <MatchedText text={fitText(text, width)} query={query} style={theme.quiet} theme={theme} />
    </>
  );
}

interface SimilarityCellsProps {
  readonly similarity: number;
  readonly chosen: boolean;
  readonly width: number;
  readonly theme: Theme;
}

function SimilarityCells({ similarity, chosen, width, theme }: SimilarityCellsProps): ReactNode {
  const bar = similarityBar(similarity, width);
  return (
    <>
      <Text {...(chosen ? theme.accent : theme.bar)}>{gap + bar.filled}</Text>
      <Text>{bar.rest + (width === 0 ? '' : ' ')}</Text>
      <Text {...(chosen ? theme.chosen : theme.quiet)}>{similarityText(similarity)}</Text>
    </>
  );
}
