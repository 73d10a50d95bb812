import type { Entry } from './entry.js';

/** Entries that are kept, twice at most: some 60 MB of plays. */
const mostEntries = 100_000;

/**
 * Looks users up, and keeps those that were looked up last: whoever does something now is likely to do more, and is asked for when
 * it is added and when it is answered. @param find of a table that does not change
 */
export function keepingLookups(find: (user: string) => readonly Entry[]): (user: string) => readonly Entry[] {
  let recent = new Map<string, readonly Entry[]>();
  let before = new Map<string, readonly Entry[]>();
  let numEntries = 0;
  return (user) => {
    const known = recent.get(user);
    if (known !== undefined) return known;
    const entries = before.get(user) ?? find(user);
    numEntries += entries.length + 1;
    if (numEntries > mostEntries) {
      before = recent;
      recent = new Map();
      numEntries = entries.length + 1;
    }
    recent.set(user, entries);
    return entries;
  };
}
