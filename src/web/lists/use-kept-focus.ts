import type { RefObject } from 'preact';
import { useCallback, useEffect, useRef } from 'preact/hooks';

/** Where the row that has the focus leaves the list, such as by a ban, the row that takes its place has it. */
export function useKeptFocus(rows: readonly unknown[]): {
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
