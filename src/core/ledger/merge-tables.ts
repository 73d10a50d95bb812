import { compareBytes } from './ledger-view.js';
import type { OpenTable, StoredLine } from './open-table.js';

interface UserLines {
  readonly user: string;
  /** One of each table that has the user, the older table first. */
  readonly lines: readonly StoredLine[];
}

/** The users of several tables, each once, by the bytes of their ids. Their lines can be read until the next user is asked for. */
export function* mergedLines(tables: readonly Pick<OpenTable, 'lines'>[]): Generator<UserLines> {
  const readers = tables.map((table) => table.lines()[Symbol.iterator]());
  const next = readers.map((reader) => reader.next());
  for (;;) {
    let user: string | undefined;
    for (const { done, value } of next)
      if (done !== true && (user === undefined || compareBytes(value.user, user) < 0)) ({ user } = value);
    if (user === undefined) return;
    const lines: StoredLine[] = [];
    for (const { done, value } of next) if (done !== true && value.user === user) lines.push(value);
    yield { user, lines };
    for (const [at, { done, value }] of next.entries())
      if (done !== true && value.user === user) next[at] = readers[at]!.next();
  }
}
