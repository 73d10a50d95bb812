/** `segue feedback import`: files of events into the ledger, one entry a row. */
import type { Readable } from 'node:stream';
import type { TaskContext } from '../../contracts.js';
import { AppError } from '../../errors.js';
import { readEachEvent, type EachEvent } from '../../events/read-each-event.js';
import type { TextOptions } from '../../events/text-options.js';
import { entryScopes, type EntryScope, type NewEntry } from '../../ledger/entry.js';
import { openLedger } from '../../ledger/open-ledger.js';
import { rootPath } from '../../snapshot/layout.js';
import type { GivenType } from './add.js';
import { requirePast } from './entry-times.js';
import { openKnownItems } from './known-items.js';

export interface ImportFeedbackOptions extends TextOptions {
  readonly root: string;
  /** Whose items are counted as known. */
  readonly snapshot?: string | undefined;
  /** Of a bundle which member; its first by default. */
  readonly as?: string | undefined;
  /** Paths, globs, `-` for stdin. */
  readonly files: readonly string[];
  readonly skipBadRows: boolean;
  /** Where it was said, for rows without a source of their own. */
  readonly source?: string | undefined;
  /** What `-` reads; default: the process's stdin. */
  readonly stdin?: Readable | undefined;
}

export interface ImportFeedbackResult {
  /** Id of the ledger: 16 hex digits. */
  readonly ledger: string;
  readonly rows: number;
  readonly added: number;
  /** Rows that the ledger has already. */
  readonly repeated: number;
  /** Rows of users who asked to be forgotten after they happened. */
  readonly forgotten: number;
  /** Bad rows. */
  readonly skippedRows: number;
  /** Different items that the snapshot does not know; null where there is no snapshot. Their entries count once one does. */
  readonly unknownItems: number | null;
  /** Of the last entry of the ledger. */
  readonly watermark: number;
}

/** Entries of one group: one write, one fsync. */
const groupRows = 4096;

/**
 * Adds rows as they are read: what was added before a failure stays, and the same file again adds the rest, since a row's
 * id is its own, or made of the file's digest and its number.
 *
 * AppErrors of reading events; 'bad-row' for a time in the future, or a scope that there is not; 'busy';
 * 'damaged-ledger'; the machine's.
 */
export async function importFeedback(
  options: ImportFeedbackOptions,
  context: TaskContext,
): Promise<ImportFeedbackResult> {
  const { root } = options;
  const known = await openKnownItems(root, options, context);
  try {
    const ledger = await openLedger(rootPath.feedback(root), context);
    try {
      const counts = { added: 0, repeated: 0, forgotten: 0, behind: 0 };
      const unknown = new Set<string>();
      const now = context.now ?? new Date();
      const reading = { ...options, moreColumns: ['id', 'scope', 'source'], moreTypes: ['skip', 'unban'] };
      const { rows, skippedRows } = await readEachEvent(reading, context, async (events) => {
        const entries = events.map((event) => entryOf(event, options.source, now));
        for (const { item, scope } of entries)
          if (scope === 'item' && item !== undefined && !known.has(item)) unknown.add(item);
        for (let from = 0; from < entries.length; from += groupRows)
          for (const outcome of await ledger.add(entries.slice(from, from + groupRows)))
            counts['leftOut' in outcome ? outcome.leftOut : 'added'] += 1;
      });
      const { added, repeated, forgotten } = counts;
      ledger.reader.refresh();
      return {
        ledger: ledger.reader.ledger,
        ...{ rows, added, repeated, forgotten, skippedRows },
        unknownItems: known.snapshot === null ? null : unknown.size,
        watermark: ledger.reader.watermark,
      };
    } finally {
      await ledger.close();
    }
  } finally {
    known.close();
  }
}

function entryOf(event: EachEvent, source: string | undefined, now: Date): NewEntry {
  const { user, item, weight, timeMs, digest, line, more } = event;
  const [id, scopeText, ownSource] = more.map((cell) => (cell === null || cell === '' ? undefined : cell));
  const atMs = timeMs ?? now.getTime();
  requirePast(atMs, now, () => badRow(event, 'time', 'is in the future'));
  const said = ownSource ?? source;
  return {
    id: id ?? `${digest}:${line}`,
    ...{ user, item, weight, atMs },
    type: typeOf(event),
    scope: scopeOf(event, scopeText),
    ...(said === undefined ? {} : { source: said }),
  };
}

function typeOf({ type }: EachEvent): GivenType {
  switch (type) {
    case 'like':
    case 'dislike':
    case 'ban':
    case 'skip':
    case 'unban':
      return type;
    default:
      return 'play';
  }
}

function scopeOf(event: EachEvent, text = 'item'): EntryScope {
  const scope = entryScopes.find((each) => each === text.trim().toLowerCase());
  if (scope === undefined)
    throw badRow(event, 'scope', `is ${JSON.stringify(text)}; item, artist or album is wanted`);
  if (scope !== 'item' && (event.type === 'play' || event.type === 'skip'))
    throw badRow(event, 'scope', `is ${scope}, and a ${event.type} is of an item`);
  return scope;
}

function badRow({ file, line }: EachEvent, column: string, problem: string): AppError {
  return new AppError('bad-row', `${file} line ${line}: ${column} ${problem}`, {
    suggestions: ['Fix the row; the rows before it are kept, and are not added twice.'],
    details: { file, line, column },
  });
}
