/** The answers of a ledger as of a watermark, from what a process knows of it. */
import type { Entry, LedgerView } from './entry.js';
import { heldOf, heldOfLists, listsOf } from './held-entries.js';
import { forgottenOf, hasTombstones, tombstonesOf, watermarkOf, type Known } from './known.js';

/** What a view asks of the process that knows the ledger. */
export interface Source {
  /** What is known now. A view of an earlier watermark stays as it is: lines are added at the end only. */
  known(): Known;
  /** A user's entries in the tables, by seq. */
  inTables(user: string): readonly Entry[];
  markOf(user: string): string;
}

/** @param watermark undefined: all that is known whenever it is asked */
export function ledgerView(source: Source, watermark?: number): LedgerView {
  // Of one ledger forgettings are added, and never taken away.
  let forgotten = { ledger: '', count: 0, latest: new Map<string, number>() };
  const forgottenAt = (user: string): number | undefined => {
    const known = source.known();
    if (!hasTombstones(known)) return undefined;
    const ledger = known.live?.ledger ?? '';
    const count = tombstonesOf(known).length;
    if (forgotten.ledger !== ledger || forgotten.count !== count)
      forgotten = { ledger, count, latest: forgottenOf(known) };
    return forgotten.latest.get(source.markOf(user));
  };
  return {
    get ledger() {
      return source.known().live?.ledger ?? '';
    },
    get watermark() {
      return watermark ?? watermarkOf(source.known());
    },
    of(user) {
      const lists = listsOf(user, source.known(), source.inTables(user));
      if (lists.length === 0) return [];
      const from = forgottenAt(user);
      if (watermark === undefined && from === undefined) return heldOfLists(lists).held;
      return heldOf(
        lists.flat().filter(({ seq, atMs }) => seq <= (watermark ?? seq) && atMs > (from ?? -Infinity)),
      ).held;
    },
    forgottenAt,
  };
}

/** Every user with entries in the journals, each once, in the order of their bytes. */
export function usersInJournals({ parts }: Known): string[] {
  const users = [...new Set(parts.flatMap((part) => [...part.users.keys()]))];
  // The order of UTF-16, ten times as fast, is that of the bytes but for these.
  return users.some((user) => /[\ud800-\uffff]/.test(user)) ? users.sort(compareBytes) : users.sort();
}

/** By the bytes of their UTF-8, which is by code points; `<` goes by UTF-16, where a surrogate comes before U+E000. */
export function compareBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const [x, y] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (x !== y) return rankOf(x) - rankOf(y);
  }
  return a.length - b.length;
}

/** Surrogates after everything else of the first plane. */
function rankOf(unit: number): number {
  return unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit;
}
