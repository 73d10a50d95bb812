import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import type { BrowserItem, Neighbour } from '../core/tasks/browse.js';
import { itemColumns } from './item-columns.js';
import { ItemRow } from './item-row.js';
import { scrollbar, type ListWindow } from './list-window.js';
import type { Theme } from './theme.js';

export interface ItemListProps {
  readonly entries: readonly (BrowserItem | Neighbour)[];
  readonly window: ListWindow;
  /** How many rows are on screen. */
  readonly rows: number;
  readonly width: number;
  /** Rows of the items that the walk has been at. */
  readonly visited: ReadonlySet<number>;
  /** What was searched for; '' for nothing. */
  readonly query: string;
  readonly theme: Theme;
}

/** The part of a list that its window shows, and where in the list that is. */
export function ItemList({ entries, window, rows, width, visited, query, theme }: ItemListProps): ReactNode {
  const similarities = entries.some((entry) => 'similarity' in entry);
  const columns = itemColumns(
    entries.map((entry) => entry.item),
    width - 2,
    similarities,
  );
  const thumb = scrollbar(window.top, rows, entries.length);
  return (
    <Box flexDirection="column" height={rows}>
      {entries.slice(window.top, window.top + rows).map((entry, offset) => {
        const index = window.top + offset;
        return (
          <Box key={index} justifyContent="space-between">
            <ItemRow
              entry={entry}
              similarity={'similarity' in entry ? entry.similarity : undefined}
              rank={index + 1}
              chosen={index === window.selected}
              visited={visited.has(entry.row)}
              query={query}
              columns={columns}
              theme={theme}
            />
            {thumb === undefined ? null : <Text {...theme.quiet}>{thumb.includes(offset) ? '┃' : '│'}</Text>}
          </Box>
        );
      })}
    </Box>
  );
}
