/** `segue feedback export`: what the ledger holds as events that `segue train` reads, or by the answers that led to it. */
import type { Count, LedgerId, TaskContext, Text } from '../../contracts.js';
import { abortError, AppError } from '../../errors.js';
import { openOutputFile } from '../../files/output-file.js';
import { openLedgerReader } from '../../ledger/open-reader.js';
import type { Entry, LedgerView } from '../../ledger/entry.js';
import { weightUnits } from '../../numeric/pairs.js';
import { ledgerColumn, ledgerCell } from '../../numeric/ledger-cell.js';
import { rootPath } from '../../snapshot/layout.js';
import type { ColumnValues, TableColumn, TableWriter } from '../../tables/table-writer.js';
import { noFeedback } from './require-ledger.js';
import type { AskedOf } from '../../options/asked-of.js';

export type FeedbackFormat = 'csv' | 'jsonl' | 'parquet';

export type ExportFeedbackOptions = AskedOf<'exportFeedback'>;

export interface ExportFeedbackResult {
  readonly ledger: LedgerId;
  /** Of the last entry that was looked at: what a model trained on the file knows. */
  readonly watermark: Count;
  readonly events: Count;
  readonly users: Count;
  /** Opinions of artists and albums that are left out: training has no such events, and the ledger's hold whatever is trained. */
  readonly wholeArtistsAndAlbums: Count;
  readonly format: FeedbackFormat;
  /** null where it went to a stream. */
  readonly out: Text | null;
}

/** A table of entries: which of a user's it has, and the values of its columns. */
interface EntryTable {
  readonly columns: readonly TableColumn[];
  eventsOf(view: LedgerView, user: string): { readonly events: readonly Entry[]; readonly grouped: number };
  valuesOf(entries: readonly Entry[], ledger: string): ColumnValues[];
}

const forTraining: EntryTable = {
  columns: [
    { name: 'user', type: 'text' },
    { name: 'item', type: 'text' },
    { name: 'weight', type: 'text' },
    { name: 'time', type: 'text' },
    { name: 'type', type: 'text' },
    { name: ledgerColumn, type: 'text' },
  ],
  eventsOf: trainedEventsOf,
  valuesOf: (entries, ledger) => [
    entries.map(({ user }) => user),
    entries.map(({ item }) => item ?? null),
    entries.map(({ weight }) => decimal(weight)),
    entries.map(timeOf),
    entries.map(({ type }) => type),
    entries.map(({ seq }) => ledgerCell({ ledger, seq })),
  ],
};

const byAnswer: EntryTable = {
  columns: [
    { name: 'user', type: 'text' },
    { name: 'item', type: 'text' },
    { name: 'scope', type: 'text' },
    { name: 'type', type: 'text' },
    { name: 'time', type: 'text' },
    { name: 'source', type: 'text' },
    { name: 'snapshot', type: 'text' },
    { name: 'recipe', type: 'text' },
    { name: 'rank', type: 'int' },
  ],
  eventsOf: (view, user) => ({
    events: view.of(user).filter(({ type, answer }) => answer !== undefined && type !== 'undo'),
    grouped: 0,
  }),
  valuesOf: (entries) => [
    entries.map(({ user }) => user),
    entries.map(({ item }) => item ?? null),
    entries.map(({ scope }) => scope),
    entries.map(({ type }) => type),
    entries.map(timeOf),
    entries.map(({ source }) => source ?? null),
    entries.map(({ answer }) => answer?.snapshot ?? null),
    entries.map(({ answer }) => answer?.recipe ?? null),
    entries.map(({ answer }) => answer?.rank ?? null),
  ],
};

const rowsAtOnce = 8192;

/**
 * For training: plays, likes, dislikes and bans that hold; a ban that an unban followed is left out, and so are skips. Users by id, a
 * user's events by time. AppErrors: 'bad-usage'; 'empty-input' where there is nothing; 'damaged-ledger'; the machine's.
 */
export async function exportFeedback(
  options: ExportFeedbackOptions,
  context: TaskContext,
): Promise<ExportFeedbackResult> {
  const { root, out, force } = options;
  const format = formatOf(options);
  const table = options.answered ? byAnswer : forTraining;
  const reader = openLedgerReader(rootPath.feedback(root));
  const file = reader === undefined || typeof out !== 'string' ? undefined : openOutputFile(out, { force });
  try {
    reader?.refresh();
    const view = reader?.pin();
    if (reader === undefined || view === undefined || view.watermark === 0) throw noFeedback();
    const sink = file ?? out;
    if (typeof sink === 'string') throw new Error('a path has a file');
    const writer = await openWriter(format, table.columns);
    const put = async (pieces: readonly Uint8Array[]): Promise<void> => {
      for (const piece of pieces) await sink.write(piece);
    };
    const counts = { events: 0, users: 0, wholeArtistsAndAlbums: 0 };
    let rows: Entry[] = [];
    const flush = async (): Promise<void> => {
      if (rows.length > 0) await put(writer.write(rows.length, table.valuesOf(rows, view.ledger)));
      rows = [];
    };
    for (const user of reader.users()) {
      const entries = table.eventsOf(view, user);
      counts.wholeArtistsAndAlbums += entries.grouped;
      if (entries.events.length === 0) continue;
      counts.users += 1;
      counts.events += entries.events.length;
      for (const entry of entries.events) rows.push(entry);
      if (rows.length < rowsAtOnce) continue;
      await flush();
      if (context.signal.aborted) throw abortError(context.signal);
      const progress = { phase: 'exporting', done: counts.events, total: undefined, unit: 'events' } as const;
      context.onProgress({ kind: 'step', ...progress });
    }
    await flush();
    await put(writer.finish());
    file?.commit();
    const { ledger, watermark } = view;
    return { ledger, watermark, ...counts, format, out: file?.path ?? null };
  } finally {
    file?.abandon();
    reader?.close();
  }
}

function formatOf({ out, format }: ExportFeedbackOptions): FeedbackFormat {
  if (typeof out !== 'string') {
    if (format !== 'parquet') return format ?? 'csv';
    throw new AppError('bad-usage', '`format` parquet is no text: it needs a file', {
      suggestions: ['segue feedback export --out feedback.parquet'],
    });
  }
  const said = format ?? (['csv', 'jsonl', 'parquet'] as const).find((each) => out.endsWith(`.${each}`));
  if (said !== undefined) return said;
  throw new AppError('bad-usage', `${JSON.stringify(out)} does not say in which format to write`, {
    suggestions: ['end the name in .csv, .jsonl or .parquet', 'add `format`'],
  });
}

async function openWriter(format: FeedbackFormat, columns: readonly TableColumn[]): Promise<TableWriter> {
  switch (format) {
    case 'csv': {
      const { openCsvWriter } = await import('../../tables/csv-writer.js');
      return openCsvWriter(columns);
    }
    case 'jsonl': {
      const { openJsonLinesWriter } = await import('../../tables/json-lines-writer.js');
      return openJsonLinesWriter(columns);
    }
    case 'parquet': {
      const { openParquetWriter } = await import('../../tables/parquet-writer.js');
      return await openParquetWriter(columns, new Map());
    }
  }
}

/** What training takes of a user, and how many entries are about artists and albums. */
function trainedEventsOf(
  view: LedgerView,
  user: string,
): { readonly events: Entry[]; readonly grouped: number } {
  const entries = view.of(user);
  const banned = new Map<string, boolean>();
  const liked = new Map<string, Entry>();
  for (const entry of entries) {
    const { type, item, scope } = entry;
    if (item === undefined || scope !== 'item') continue;
    if (type === 'ban' || type === 'unban') banned.set(item, type === 'ban');
    if (type === 'like') liked.set(item, entry);
  }
  const events = entries.filter(({ type, item = '', scope, seq, atMs }) => {
    if (scope !== 'item' || type === 'skip' || type === 'unban' || type === 'undo') return false;
    const like = type === 'dislike' ? liked.get(item) : undefined;
    // Of equal times the dislike would hold in training, where here the later one does.
    if (like?.atMs === atMs && like.seq > seq) return false;
    return type !== 'ban' || banned.get(item) === true;
  });
  return { events, grouped: entries.filter(({ scope }) => scope !== 'item').length };
}

function timeOf({ atMs }: Entry): string {
  return new Date(atMs).toISOString();
}

/** Units of 1e-9 as a decimal number, exactly. */
function decimal(units: bigint): string {
  const fraction = String(units % weightUnits)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return fraction === '' ? String(units / weightUnits) : `${units / weightUnits}.${fraction}`;
}
