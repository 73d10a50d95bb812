import { useEffect } from 'preact/hooks';

export interface KeyTargets {
  readonly onHelp: () => void;
  /** Back along the walk. */
  readonly onBack: () => void;
}

/** The keys of the whole page. What is typed into a field, and keys with a modifier, are none of them. */
export function useKeys({ onHelp, onBack }: KeyTargets): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing)
        return;
      const { target } = event;
      if (target instanceof HTMLElement && target.closest('input, select, textarea, dialog') !== null) return;
      const act = actionOf(event.key, { onHelp, onBack });
      if (act?.() === true) event.preventDefault();
    };
    document.addEventListener('keydown', pressed);
    return () => document.removeEventListener('keydown', pressed);
  }, [onHelp, onBack]);
}

/** What a key does; it returns whether there was something to do. */
function actionOf(key: string, { onHelp, onBack }: KeyTargets): (() => boolean) | undefined {
  switch (key) {
    case '/':
      return () => focused(document.getElementById('search'));
    case '?':
      return done(onHelp);
    case 'j':
    case 'ArrowDown':
      return () => moved(1);
    case 'k':
    case 'ArrowUp':
      return () => moved(-1);
    case 'ArrowRight':
      return () => across(1);
    case 'ArrowLeft':
      return () => across(-1);
    case 'Backspace':
      return done(onBack);
    case 'l':
      return () => judged('like');
    case 'd':
      return () => judged('dislike');
    case 'b':
      return () => judged('ban');
    default:
      return undefined;
  }
}

function done(act: () => void): () => boolean {
  return () => {
    act();
    return true;
  };
}

const rowLinks = 'a[data-row]';

function rowsIn(list: ParentNode): HTMLElement[] {
  return [...list.querySelectorAll<HTMLElement>(rowLinks)];
}

/** The row whose link, or one of whose buttons, has the focus. */
function currentRow(): Element | null {
  return document.activeElement?.closest('li.row') ?? null;
}

/** To a row of the list that has the focus; into the first list where none has. */
function moved(by: number): boolean {
  const row = currentRow();
  if (row === null) return focused(rowsIn(document)[by > 0 ? 0 : -1]);
  const rows = rowsIn(row.closest('.side, section') ?? document);
  const at = rows.findIndex((link) => row.contains(link));
  return focused(rows[Math.min(rows.length - 1, Math.max(0, at + by))]);
}

/** To the row of the other list that is as far down. */
function across(by: number): boolean {
  const row = currentRow();
  const side = row?.closest('.side');
  if (row === null || side === null || side === undefined) return false;
  const sides = [...document.querySelectorAll('.side')];
  const next = sides[sides.indexOf(side) + by];
  if (next === undefined) return false;
  const at = rowsIn(side).findIndex((link) => row.contains(link));
  const links = rowsIn(next);
  return focused(links[Math.min(at, links.length - 1)]);
}

function judged(opinion: string): boolean {
  const button = currentRow()?.querySelector<HTMLElement>(`button[data-opinion=${opinion}]`);
  if (button === null || button === undefined) return false;
  button.click();
  return true;
}

function focused(element: HTMLElement | null | undefined): boolean {
  element?.focus();
  return element !== null && element !== undefined;
}
