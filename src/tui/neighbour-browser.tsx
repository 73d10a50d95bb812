/** The neighbour browser on Ink: keys go into the state, the state is drawn. */
import { Box, Text } from 'ink';
import { useCallback, useEffect, useInsertionEffect, useState, type ReactNode } from 'react';
import { safeText } from '../cli/terminal/safe-text.js';
import type { BrowserItem, NeighbourSource } from '../core/tasks/browse.js';
import type { BrowseNews } from '../core/tasks/follow-neighbours.js';
import { browserTitle, type Theme, themeFor } from './theme.js';
import {
  mostRows,
  rowsOf,
  isTyping,
  walkOf,
  type BrowserEvent,
  type BrowserState,
  type View,
} from './browser-state.js';
import { cutText } from './fit-text.js';
import { Breadcrumb } from './breadcrumb.js';
import { layoutFor, type BrowserLayout } from './browser-layout.js';
import { advance, startSession } from './browser-session.js';
import { HelpCard } from './help-card.js';
import { ItemList } from './item-list.js';
import { KeyHints } from './key-hints.js';
import { metadataLine } from './item-columns.js';
import type { CursorPosition } from './alternate-screen.js';
import { cursorInBox, SearchBox } from './search-box.js';
import { useKeys } from './use-keys.js';
import { useTerminalSize } from './use-terminal-size.js';

export interface NeighbourBrowserProps {
  readonly source: NeighbourSource;
  /** The item to begin at; without one, the browser begins with a search. */
  readonly start?: BrowserItem | undefined;
  /** Called once nothing is asked of `source` any more: when another one took its place, or at the end. */
  readonly release?: (() => void) | undefined;
  /** Tells of sources to move to; returns how to stop listening. */
  readonly subscribe?: ((listener: (news: BrowseNews) => void) => () => void) | undefined;
  readonly hasColour: boolean;
  readonly onQuit: () => void;
  /** Told, before a frame is drawn, where the cursor of the text being typed is in it; undefined where there is none. */
  readonly onCursor?: (position: CursorPosition | undefined) => void;
}

/** The state with the source that it was answered by: they change together, so that no row meets another snapshot. */
interface Browsing {
  readonly source: NeighbourSource;
  readonly release: (() => void) | undefined;
  readonly state: BrowserState;
}

export function NeighbourBrowser(props: NeighbourBrowserProps): ReactNode {
  const { hasColour, onQuit, onCursor, subscribe } = props;
  const size = useTerminalSize();
  const layout = layoutFor(size.columns, size.rows);
  const [{ source, release, state }, setBrowsing] = useState((): Browsing => {
    const { source: first, start } = props;
    return { source: first, release: props.release, state: startSession(first, start, layout.listRows) };
  });
  const tell = useCallback((events: readonly BrowserEvent[]) => {
    setBrowsing((before) => ({ ...before, state: advance(before.source, before.state, events) }));
  }, []);
  useEffect(() => subscribe?.((news) => setBrowsing((before) => received(before, news))), [subscribe]);
  // Runs after the frame of the next source was drawn: nothing asks this one any more.
  useEffect(() => release, [release]);

  useKeys((keys) => {
    tell(keys.map((key) => ({ type: 'key', key })));
  }, onQuit);
  // While drawing, not in an effect: no frame is ever drawn with a list of the wrong height.
  if (state.listRows !== layout.listRows) tell([{ type: 'resized', listRows: layout.listRows }]);
  useEffect(() => {
    if (state.done) onQuit();
  }, [state.done, onQuit]);

  const cursor = cursorOf(state, layout);
  const { x, y } = cursor ?? {};
  // An insertion effect runs before Ink draws the frame that the cursor belongs to; the other effects run after.
  useInsertionEffect(() => {
    onCursor?.(x === undefined || y === undefined ? undefined : { x, y });
  }, [onCursor, x, y]);

  return <Drawing state={state} snapshot={source.snapshot} layout={layout} theme={themeFor(hasColour)} />;
}

function received(before: Browsing, news: BrowseNews): Browsing {
  if (news.kind === 'published') {
    const { source, release } = news;
    const state = advance(source, before.state, [
      { type: 'published', snapshot: source.snapshot, find: (id) => source.item(id) },
    ]);
    return { source, release, state };
  }
  const event = { type: 'not-opened', message: news.message } as const;
  return { ...before, state: advance(before.source, before.state, [event]) };
}

interface DrawingProps {
  readonly state: BrowserState;
  readonly snapshot: string;
  readonly layout: BrowserLayout;
  readonly theme: Theme;
}

function Drawing({ state, snapshot, layout, theme }: DrawingProps): ReactNode {
  const { width, listRows } = layout;
  return (
    <Box flexDirection="column" paddingLeft={layout.margin}>
      {layout.header ? <BrowserHeader snapshot={snapshot} width={width} theme={theme} /> : null}
      {layout.headerSpace ? <Box height={1} /> : null}
      <Box flexDirection="column" height={layout.tall ? 3 : 1}>
        <Top state={state} layout={layout} theme={theme} />
      </Box>
      {layout.caption ? (
        <ListCaption view={state.view} listRows={listRows} width={width} theme={theme} />
      ) : null}
      <Box flexDirection="column" height={listRows} width={width}>
        <Middle state={state} layout={layout} theme={theme} />
      </Box>
      {layout.hintsSpace ? <Box height={1} /> : null}
      {layout.hints ? <StatusLine state={state} width={width} theme={theme} /> : null}
    </Box>
  );
}

type PartProps = Omit<DrawingProps, 'snapshot'>;

function Top({ state, layout, theme }: PartProps): ReactNode {
  const { view } = state;
  const { width, tall } = layout;
  if (view.kind === 'search') {
    return <SearchBox field={view.field} typing={view.typing} width={width} tall={tall} theme={theme} />;
  }
  const names = walkOf(state).map(({ item }) => item.name);
  return (
    <>
      <Breadcrumb names={names} width={width} theme={theme} />
      {tall ? <Text {...theme.quiet}>{cutText(metadataLine(view.of.item), width)}</Text> : null}
    </>
  );
}

function Middle({ state, layout, theme }: PartProps): ReactNode {
  const { view } = state;
  const { width, listRows } = layout;
  if (state.help) return <HelpCard width={width} rows={listRows} theme={theme} />;
  const entries = rowsOf(view);
  if (entries.length === 0) return <ListMessage view={view} width={width} rows={listRows} theme={theme} />;
  const visited = new Set(walkOf(state).map(({ row }) => row));
  return (
    <ItemList
      entries={entries}
      window={view.window}
      rows={listRows}
      width={width}
      visited={visited}
      query={view.kind === 'search' ? view.field.text : ''}
      theme={theme}
    />
  );
}

/** On screen, from 0; undefined where nothing is being typed. */
function cursorOf(state: BrowserState, layout: BrowserLayout): CursorPosition | undefined {
  const { view } = state;
  if (view.kind !== 'search' || !isTyping(state)) return undefined;
  const inBox = cursorInBox(view.field, layout.width, layout.tall);
  return {
    x: layout.margin + inBox.x,
    y: Number(layout.header) + Number(layout.headerSpace) + inBox.y,
  };
}

interface StatusLineProps {
  readonly state: BrowserState;
  readonly width: number;
  readonly theme: Theme;
}

/** What has just happened, until the next key; else the keys. */
function StatusLine({ state, width, theme }: StatusLineProps): ReactNode {
  const { notice } = state;
  if (notice === undefined) return <KeyHints state={state} width={width} theme={theme} />;
  const style = notice.isFailure ? theme.failure : theme.accent;
  return <Text {...style}>{cutText(notice.text, width)}</Text>;
}

interface BrowserHeaderProps {
  readonly snapshot: string;
  readonly width: number;
  readonly theme: Theme;
}

function BrowserHeader({ snapshot, width, theme }: BrowserHeaderProps): ReactNode {
  const room = width - browserTitle.length - 1;
  return (
    <Box justifyContent="space-between" width={width}>
      <Text {...theme.accent}>{browserTitle}</Text>
      <Text {...theme.quiet}>{cutText(`snapshot ${snapshot}`, room)}</Text>
    </Box>
  );
}

interface ListCaptionProps {
  readonly view: View;
  readonly listRows: number;
  readonly width: number;
  readonly theme: Theme;
}

/** What the list below is, and which part of it is on screen. */
function ListCaption({ view, listRows, width, theme }: ListCaptionProps): ReactNode {
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

interface ListMessageProps {
  readonly view: View;
  readonly width: number;
  readonly rows: number;
  readonly theme: Theme;
}

/** What stands in place of a list that has no rows: as many of its lines as the list would have. */
function ListMessage({ view, width, rows, theme }: ListMessageProps): ReactNode {
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
