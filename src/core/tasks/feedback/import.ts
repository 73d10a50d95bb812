/** `segue feedback import`: files of events into the ledger, one entry a row. */
import { hash } from 'node:crypto';
import { resolve } from 'node:path';
import { closing } from '../../closers.js';
import type { Count, LedgerId, TaskContext } from '../../contracts.js';
import { AppError } from '../../errors.js';
import { keptRoles } from '../../events/column-roles.js';
import { keptTypes } from '../../events/event-rules.js';
import { CellBreach, readEachEvent, type EachEvent } from '../../events/read-each-event.js';
import { dated, entryScopes } from '../../ledger/entry.js';
import type { Entry, EntryScope, EntryType, NewEntry } from '../../ledger/entry.js';
import { problemOfEntry } from '../../ledger/entry-line.js';
import { openLedger } from '../../ledger/open-ledger.js';
import { conflictIn } from '../../ledger/same-content.js';
import { ledgerColumn, parseLedgerCell, type LedgerCell } from '../../numeric/ledger-cell.js';
import { rootPath } from '../../snapshot/layout.js';
import { isAhead } from './entry-times.js';
import { openKnownItems } from './known-items.js';
import type { AskedOf } from '../../options/asked-of.js';

export interface ImportFeedbackResult {
  /** Id of the ledger: 16 hex digits. */
  readonly ledger: LedgerId;
  readonly rows: Count;
  readonly added: Count;
  /** Rows that the ledger has already. */
  readonly repeated: Count;
  /** Rows of users who asked to be forgotten after they happened. */
  readonly forgotten: Count;
  /** Bad rows, and rows whose id has other content in the ledger. */
  readonly skippedRows: Count;
  /** Different items that the snapshot does not know; null where there is no snapshot. Their entries count once one does. */
  readonly unknownItems: Count | null;
  /** Of the last entry of the ledger. */
  readonly watermark: Count;
}

/** So many rows are added together, by user: whoever has many of them is looked up once. Some 200 MB. */
const rowsAtOnce = 1 << 19;
/** Of the ledger, before they are compacted, meanwhile. */
const mostJournalBytes = 64 << 20;

/**
 * Adds all rows, or where one is bad none, unless bad rows are skipped. After an interruption the same file again adds the
 * rest: a row's id is its own, or that of the entry of which an export made it, or made of the file up to there (`rowOf`).
 * Memory: some rows, and all dislikes and bans.
 *
 * AppErrors of reading events; 'bad-row' also for a time in the future, a scope that there is not, and an id that is too long;
 * 'id-conflict', when all others were added, for rows whose id has other content; 'busy'; 'damaged-ledger'; the machine's.
 */
export async function importFeedback(
  options: AskedOf<'importFeedback'>,
  context: TaskContext,
): Promise<ImportFeedbackResult> {
  const { root } = options;
  return closing(await openKnownItems(root, options, context), async (known) => {
    return closing(
      await openLedger(rootPath.feedback(root), context, { mostJournalBytes }),
      async (ledger) => {
        const counts = { added: 0, repeated: 0, forgotten: 0, behind: 0, conflict: 0 };
        const conflicts: Conflict[] = [];
        const unknown = new Set<string>();
        const now = context.now ?? new Date();
        const moreColumns = [...keptRoles, ledgerColumn];
        const reading = { ...options, moreColumns, moreTypes: keptTypes };
        ledger.reader.refresh();
        const { ledger: own, watermark } = ledger.reader;
        /** Whether the row was exported from this ledger, which may hold the entry no more since. */
        const isOwn = ({ exported }: Row): boolean => exported?.ledger === own && exported.seq <= watermark;
        const addRows = async (rows: readonly Row[]): Promise<void> => {
          const byUser = new Map<string, Row[]>();
          for (const row of rows) {
            const others = byUser.get(row.entry.user);
            if (others === undefined) byUser.set(row.entry.user, [row]);
            else others.push(row);
          }
          const all = [...byUser.values()].flat();
          const outcomes = await ledger.add(all.map(({ entry }) => entry));
          for (const [at, outcome] of outcomes.entries()) {
            counts['leftOut' in outcome ? outcome.leftOut : 'added'] += 1;
            if ('holds' in outcome) conflicts.push({ row: all[at]!, holds: outcome.holds });
          }
        };
        /** Dislikes and bans come after all others, so that of equal times they hold. */
        const [waiting, late]: [Row[], Row[]] = [[], []];
        const named = equalRows();
        let done = 0;
        const { rows, skippedRows } = await readEachEvent(reading, context, {
          parse: (event) => rowOf(event, options.source, now),
          async take(parsed, total) {
            for (const row of parsed) {
              const { item, scope, type } = row.entry;
              if (isOwn(row)) counts.repeated += 1;
              else (type === 'dislike' || type === 'ban' ? late : waiting).push(named(row));
              if (!isOwn(row) && scope === 'item' && item !== undefined && !known.has(item))
                unknown.add(item);
            }
            if (waiting.length >= rowsAtOnce) await addRows(waiting.splice(0));
            done += parsed.length;
            const progress = { phase: 'adding feedback', done, total, unit: 'rows' } as const;
            if (total !== undefined) context.onProgress({ kind: 'step', ...progress });
          },
        });
        await addRows([...waiting, ...late.splice(0, rowsAtOnce)]);
        while (late.length > 0) await addRows(late.splice(0, rowsAtOnce));
        ledger.settle();
        const { added, repeated, forgotten } = counts;
        if (conflicts[0] !== undefined && !options.skipBadRows)
          throw conflictError(conflicts[0], conflicts.length, added);
        ledger.reader.refresh();
        return {
          ledger: ledger.reader.ledger,
          ...{ rows, added, repeated, forgotten, skippedRows: skippedRows + conflicts.length },
          unknownItems: known.snapshot === null ? null : unknown.size,
          watermark: ledger.reader.watermark,
        };
      },
    );
  });
}

interface Row extends Pick<EachEvent, 'file' | 'line'> {
  readonly entry: NewEntry;
  /** The entry of a ledger of which `feedback export` made it. */
  readonly exported: LedgerCell | undefined;
  /** It has no id of its own, and its file no order of bytes: `equalRows` names it. */
  readonly isUnnamed: boolean;
}

/**
 * Without an id of its own a row of text is named by the file's bytes up to it, so that a file that grew repeats its beginning.
 * Earlier versions named it by the whole file and its line.
 */
function rowOf(event: EachEvent, source: string | undefined, now: Date): Row | CellBreach {
  const { user, item, weight, timeMs, digest, place, file, line, more } = event;
  const [ownId, scopeText, ownSource, undoes, cell = ''] = more.map((cell) =>
    cell === null || cell === '' ? undefined : cell,
  );
  const scope = scopeOf(event, scopeText);
  if (scope instanceof CellBreach) return scope;
  if (isAhead(timeMs ?? -Infinity, now)) return new CellBreach('time', 'is in the future');
  const said = ownSource ?? source;
  const exported = parseLedgerCell(cell);
  const id = ownId ?? (exported === undefined ? undefined : cell);
  const formerId = id === undefined ? place : undefined;
  const { atMs, isNow, saidMs } = dated(timeMs, now.getTime());
  // Of those that a ledger has: others are bad rows.
  const type = event.type as EntryType;
  // One literal: millions of them are made.
  const entry: NewEntry = {
    id: id ?? digest ?? place,
    formerId,
    user,
    item: item === '' ? undefined : item,
    type,
    scope,
    weight,
    atMs,
    isNow,
    saidMs,
    source: said,
    undoes: type === 'undo' ? undoes : undefined,
  };
  const found = problemOfEntry(entry);
  if (found !== undefined) return new CellBreach(found.field, found.problem);
  return { entry, exported, file, line, isUnnamed: id === undefined && digest === undefined };
}

/**
 * Names rows of files without an order of bytes by what they say, and by how many before say the same. What has a time is the same
 * event in whichever file; without one only the file tells. Memory: a short text a row.
 */
function equalRows(): (row: Row) => Row {
  const counts = new Map<string, number>();
  return (row) => {
    if (!row.isUnnamed) return row;
    const { user, item, type, scope, weight, source, undoes, isNow, saidMs, atMs } = row.entry;
    const when = isNow === true ? resolve(row.file) : (saidMs ?? atMs);
    const content = JSON.stringify([user, item, type, scope, String(weight), source, when, undoes]);
    const digest = hash('sha256', content).slice(0, 32);
    const number = (counts.get(digest) ?? 0) + 1;
    counts.set(digest, number);
    return { ...row, entry: { ...row.entry, id: `${digest}:${number}` } };
  };
}

interface Conflict {
  readonly row: Row;
  readonly holds: Entry;
}

function conflictError({ row, holds }: Conflict, conflicts: number, added: number): AppError {
  const { entry, file, line } = row;
  const others = conflicts === 1 ? '' : `, as ${conflicts - 1} more do`;
  return new AppError('id-conflict', `${file} line ${line} ${conflictIn(entry, holds)}${others}`, {
    suggestions: [
      `all other rows are in the ledger, ${added} of them since now`,
      'give such rows ids of their own, or leave them out with `skipBadRows`',
    ],
    details: { file, line, conflicts, added, id: entry.id, user: entry.user },
  });
}

function scopeOf({ type }: EachEvent, text = 'item'): EntryScope | CellBreach {
  const scope = entryScopes.find((each) => each === text.trim().toLowerCase());
  if (scope === undefined)
    return new CellBreach('scope', `is ${JSON.stringify(text)}; item, artist or album is wanted`);
  if (scope !== 'item' && (type === 'play' || type === 'skip'))
    return new CellBreach('scope', `is ${scope}, and a ${type} is of an item`);
  return scope;
}
