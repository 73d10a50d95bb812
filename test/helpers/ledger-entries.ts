import type { NewEntry } from '#dist/core/ledger/entry.js';

/** A play of an item by a user; its id is made of all that differs, unless one is given. */
export function entryOf(user: string, item: string, more: Partial<NewEntry> = {}): NewEntry {
  const entry = {
    user,
    item,
    type: 'play' as const,
    scope: 'item' as const,
    weight: 1_000_000_000n,
    atMs: 1,
  };
  const id = `${user}/${item}/${more.type ?? 'play'}/${more.atMs ?? 1}`;
  return { id, ...entry, ...more };
}
