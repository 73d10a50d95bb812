import type { RefObject, ComponentChild } from 'preact';
import { useCallback, useEffect, useRef } from 'preact/hooks';
import type { Change } from '../compare/compare-lists.js';
import { Name } from '../parts/name.js';
import { count, plural, score } from '../parts/numbers.js';

export interface ListedRow {
  readonly id: string;
  readonly name: string;
  readonly rank: number;
  readonly href: string;
  /** Artist, album, year … */
  readonly meta?: ComponentChild;
  readonly score?: number;
  /** Its bar, 0..1; undefined: none. */
  readonly share?: number;
  /** How often it was played; undefined while that is not known. */
  readonly events?: number | undefined;
  readonly change?: Change | undefined;
  /** Why it is here. */
  readonly why?: ComponentChild;
  readonly actions?: ComponentChild;
}

export interface RankedListProps {
  /** What the list is, for whoever does not see the heading. */
  readonly label: string;
  readonly rows: readonly ListedRow[];
  /** What the score is called, where rows have one. */
  readonly scoreName?: string;
  /** What is counted. */
  readonly unit?: 'play' | 'event';
  readonly isLoading?: boolean;
}

/** A list in its order. j, k and arrows move along the links with `data-row`. */
export function RankedList({
  label,
  rows,
  scoreName,
  unit = 'play',
  isLoading = false,
}: RankedListProps): ComponentChild {
  const { listRef, onFocusIn } = useKeptFocus(rows);
  return (
    <ol ref={listRef} class="rows" role="list" aria-label={label} aria-busy={isLoading} onFocusIn={onFocusIn}>
      {rows.map((row) => (
        <li key={row.id} class={`row row-${row.change?.kind ?? 'plain'}`} data-id={row.id}>
          <span class="rank">{count(row.rank)}</span>
          <div class="what">
            <a id={`${label.replaceAll(/\s+/g, '-')}-${row.rank}`} class="title" href={row.href} data-row>
              <Name text={row.name} />
            </a>
            {row.change !== undefined && <ChangeMark change={row.change} />}
            {row.meta !== undefined && <span class="meta">{row.meta}</span>}
          </div>
          {row.share !== undefined && (
            <div class="score">
              <ScoreBar share={row.share} />
              {row.score !== undefined && (
                <span class="number">
                  <span class="unseen">{scoreName} </span>
                  {score(row.score)}
                </span>
              )}
            </div>
          )}
          <span class="events">{row.events !== undefined && plural(row.events, unit)}</span>
          {row.actions !== undefined && <div class="actions">{row.actions}</div>}
          {row.why !== undefined && <div class="why">{row.why}</div>}
        </li>
      ))}
    </ol>
  );
}

/** A share as a bar; the number beside it says the same. What is below 0 has none. */
function ScoreBar({ share }: { readonly share: number }): ComponentChild {
  const width = Number.isFinite(share) ? 100 * Math.min(1, Math.max(0, share)) : 0;
  return (
    <svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
      <rect class="bar-ground" width="100" height="6" />
      <rect class="bar-share" width={width.toFixed(2)} height="6" />
    </svg>
  );
}

/** What became of a row in the other list: a sign and a word, so that no one has to tell colours apart. */
function ChangeMark({ change }: { readonly change: Change }): ComponentChild {
  switch (change.kind) {
    case 'same':
      return null;
    case 'entered':
      return <span class="change entered">+ entered</span>;
    case 'left':
      return <span class="change left">− left</span>;
    case 'moved': {
      const by = Math.abs(change.by);
      const [sign, word] = change.by > 0 ? ['▲', 'rose'] : ['▼', 'fell'];
      return (
        <span class="change moved">
          <span aria-hidden="true">{sign}</span> <span class="unseen">{word} by </span>
          {by}
        </span>
      );
    }
  }
}

/** Where the row that has the focus leaves the list, such as by a ban, the row that takes its place has it. */
function useKeptFocus(rows: readonly unknown[]): {
  readonly listRef: RefObject<HTMLOListElement | null>;
  readonly onFocusIn: (event: FocusEvent) => void;
} {
  const listRef = useRef<HTMLOListElement>(null);
  const atRef = useRef(-1);
  const onFocusIn = useCallback(({ target }: FocusEvent) => {
    const row = target instanceof Element ? target.closest('li') : null;
    atRef.current = row === null ? -1 : [...(listRef.current?.children ?? [])].indexOf(row);
  }, []);
  useEffect(() => {
    // It is nowhere only if what had it is gone.
    if (atRef.current === -1 || document.activeElement !== document.body) return;
    const links = listRef.current?.querySelectorAll<HTMLElement>('a[data-row]') ?? [];
    links[Math.min(atRef.current, links.length - 1)]?.focus();
  }, [rows]);
  return { listRef, onFocusIn };
}
