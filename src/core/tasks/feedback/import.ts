/** `segue feedback import`: files of events into the ledger, one entry a row. */
import type { Readable } from 'node:stream';
import type { TaskContext } from '../../contracts.js';
import { CellBreach, readEachEvent, type EachEvent } from '../../events/read-each-event.js';
import type { TextOptions } from '../../events/text-options.js';
import { entryScopes, type EntryScope, type NewEntry } from '../../ledger/entry.js';
import { problemOfEntry } from '../../ledger/entry-line.js';
import { openLedger } from '../../ledger/open-ledger.js';
import { ledgerColumn, parseLedgerCell, type LedgerCell } from '../../numeric/ledger-cell.js';
import { rootPath } from '../../snapshot/layout.js';
import type { GivenType } from './add.js';
import { isAhead } from './entry-times.js';
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
 * Adds all rows, or where one is bad none, unless bad rows are skipped. After an interruption the same file again adds the
 * rest: a row's id is its own, or that of the entry of which an export made it, or made of the file's digest and its number.
 *
 * AppErrors of reading events; 'bad-row' also for a time in the future, a scope that there is not, and an id that is too long;
 * 'busy'; 'damaged-ledger'; the machine's.
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
      const moreColumns = ['id', 'scope', 'source', ledgerColumn];
      const reading = { ...options, moreColumns, moreTypes: ['skip', 'unban'] };
      ledger.reader.refresh();
      const { ledger: own, watermark } = ledger.reader;
      /** Whether the row was exported from this ledger, which may hold the entry no more since. */
      const isOwn = ({ exported }: Row): boolean => exported?.ledger === own && exported.seq <= watermark;
      let done = 0;
      const { rows, skippedRows } = await readEachEvent(reading, context, {
        parse: (event) => rowOf(event, options.source, now),
        async take(parsed, total) {
          const entries = parsed.flatMap((row) => (isOwn(row) ? [] : [row.entry]));
          counts.repeated += parsed.length - entries.length;
          for (const { item, scope } of entries)
            if (scope === 'item' && item !== undefined && !known.has(item)) unknown.add(item);
          for (let from = 0; from < entries.length; from += groupRows)
            for (const outcome of await ledger.add(entries.slice(from, from + groupRows)))
              counts['leftOut' in outcome ? outcome.leftOut : 'added'] += 1;
          done += parsed.length;
          const progress = { phase: 'adding feedback', done, total, unit: 'rows' } as const;
          if (total !== undefined) context.onProgress({ kind: 'step', ...progress });
        },
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

interface Row {
  readonly entry: NewEntry;
  /** The entry of a ledger of which `feedback export` made it. */
  readonly exported: LedgerCell | undefined;
}

function rowOf(event: EachEvent, source: string | undefined, now: Date): Row | CellBreach {
  const { user, item, weight, timeMs, digest, line, more } = event;
  const [id, scopeText, ownSource, cell = ''] = more.map((cell) =>
    cell === null || cell === '' ? undefined : cell,
  );
  const scope = scopeOf(event, scopeText);
  if (scope instanceof CellBreach) return scope;
  const atMs = timeMs ?? now.getTime();
  if (isAhead(atMs, now)) return new CellBreach('time', 'is in the future');
  const said = ownSource ?? source;
  const exported = parseLedgerCell(cell);
  const entry: NewEntry = {
    id: id ?? (exported === undefined ? `${digest}:${line}` : cell),
    ...{ user, item, weight, atMs, type: typeOf(event), scope },
    ...(said === undefined ? {} : { source: said }),
  };
  const found = problemOfEntry(entry);
  return found === undefined ? { entry, exported } : new CellBreach(found.field, found.problem);
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

function scopeOf({ type }: EachEvent, text = 'item'): EntryScope | CellBreach {
  const scope = entryScopes.find((each) => each === text.trim().toLowerCase());
  if (scope === undefined)
    return new CellBreach('scope', `is ${JSON.stringify(text)}; item, artist or album is wanted`);
  if (scope !== 'item' && (type === 'play' || type === 'skip'))
    return new CellBreach('scope', `is ${scope}, and a ${type} is of an item`);
  return scope;
}
