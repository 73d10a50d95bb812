/** The answers of a ledger as of a watermark, from what a process knows of it. */
import type { Entry, LedgerView } from './entry.js';
import { forgottenOf, hasTombstones, watermarkOf } from './known.js';
import type { Known } from './known.js';

/** What a view asks of the process that knows the ledger. */
export interface Source {
  /** What is known now. A view of an earlier watermark stays as it is: lines are added at the end only. */
  known(): Known;
  /** A user's entries in the table. */
  inTable(user: string): readonly Entry[];
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
    const count = known.parts.reduce(
      (sum, part) => sum + part.tombstones.length,
      known.table?.tombstones.length ?? 0,
    );
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
      let all = source.inTable(user);
      for (const { users } of source.known().parts) {
        const more = users.get(user);
        if (more !== undefined) all = [...all, ...more];
      }
      return all.length === 0 ? all : holding(all, watermark ?? Infinity, forgottenAt(user) ?? -Infinity);
    },
    forgottenAt,
  };
}

/**
 * What holds of a user's entries, which come by seq: up to the watermark, the first of each id, without what was undone and
 * the undoing, and only what is later than `forgottenAt`. By time, then seq. An undo is not undone: what it took back is added anew, with an id of its own.
 */
function holding(entries: readonly Entry[], watermark: number, forgottenAt: number): Entry[] {
  const byId = new Map<string, Entry>();
  const undone = new Set<string>();
  for (const entry of entries) {
    if (entry.seq > watermark || entry.atMs <= forgottenAt || byId.has(entry.id)) continue;
    byId.set(entry.id, entry);
    if (entry.type === 'undo' && entry.undoes !== undefined) undone.add(entry.undoes);
  }
  return [...byId.values()]
    .filter(({ type, id }) => type !== 'undo' && !undone.has(id))
    .sort((a, b) => a.atMs - b.atMs || a.seq - b.seq);
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
