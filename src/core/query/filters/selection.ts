/** Which items an answer may hold: what --where, --only, --exclude-from and --exclude say together. */
import type { Count, TaskContext } from '../../contracts.js';
import { AppError } from '../../errors.js';
import type { TextLine } from '../../files/text-lines.js';
import type { selecting } from '../../options/operation-parts.js';
import type { Asked } from '../../options/option.js';
import { complement, hasRow, intersection, rowSetOf, type RowSet } from '../../search/row-set.js';
import { HiddenItems } from '../../snapshot/hidden-items.js';
import { requireKind, type FoundKind } from '../../snapshot/kinds.js';
import { trainedKind } from '../../snapshot/layout.js';
import { rowsOfEnough, type EventsOptions } from './enough-events.js';
import { ItemsOfGroups } from '../item-groups.js';
import { lookUpEntity } from '../find-entities.js';
import { rowsNamed } from '../rows-named.js';
import type { FilteredRows } from './rows-where.js';
import type { OpenSnapshot } from '../../snapshot/open-snapshot.js';
import type { Catalogue } from '../../store/catalogue.js';

/** All that is given has to hold. */
export type SelectionOptions = Asked<typeof selecting>;

/** How many items were left to choose from, before seen items are left out. */
export interface Filtered {
  /** The predicate as it was understood, null without one. */
  readonly where: string | null;
  readonly allowed: Count;
  readonly of: Count;
}

export interface Filter {
  readonly option: 'where' | 'only' | 'excludeFrom';
  readonly rows: RowSet;
}

export interface Selection {
  /** The only rows that may be found; undefined: all. */
  readonly among: RowSet | undefined;
  /** What each flag but --exclude lets through: `among` is what all of them do. */
  readonly filters: readonly Filter[];
  /** The rows of --exclude, and of hidden items: they may not be found. */
  readonly leaveOut: readonly number[];
  /** Those of hidden items. */
  readonly hidden: readonly number[];
  /** undefined where nothing but --exclude was given. */
  readonly filtered: Filtered | undefined;
  /**
   * Tells, where fewer than k were found, what the filters leave; of that `leftOut` are left out too, being what a word such as
   * 'heard' says.
   */
  warnTooFew(found: number, k: number, leftOut: Iterable<number>, word: string): void;
}

/**
 * The rows 0 … numRows − 1 of a kind that may be found. AppErrors: as `rowsWhere` and `textLines`; 'item-not-found' and
 * 'item-ambiguous' with the line.
 * @param numRows rows that have vectors or scores
 * @param kept what earlier queries read of this snapshot
 */
export async function selectRows(
  snapshot: OpenSnapshot,
  kind: string,
  catalogue: Catalogue,
  numRows: number,
  options: SelectionOptions,
  context: TaskContext,
  kept = new KeptRows(snapshot),
): Promise<Selection> {
  const found = requireKind(snapshot, kind);
  const { where, only, excludeFrom, exclude = [], skipUnknown = false } = options;
  const isKnown = (name: string): boolean =>
    lookUpEntity(snapshot, catalogue, name, found.name) !== undefined;
  const named = skipUnknown ? exclude.filter(isKnown) : exclude;
  if (named.length < exclude.length) {
    const message = `\`exclude\`: ${exclude.length - named.length} of ${exclude.length} names are of no ${kind}, and were left out`;
    context.onProgress({ kind: 'note', message });
  }
  const excludedRows = rowsNamed(snapshot, catalogue, found, numRows, named, kept.groups);
  const hidden = kept.hiddenRows(kind, catalogue);
  const leaveOut = [...excludedRows, ...hidden];
  if (only === '-' && excludeFrom === '-') {
    throw new AppError('bad-usage', '`only` - and `excludeFrom` - would both read standard input', {
      suggestions: ['write one of the lists to a file'],
    });
  }
  const filters: Filter[] = [];
  let predicate: string | null = null;
  if (where !== undefined) {
    const holding = await kept.rowsWhere(snapshot.file(found.table), where, numRows, '`where`');
    predicate = holding.predicate;
    filters.push({ option: 'where', rows: holding.rows });
  }
  const listed = (option: string, path: string): Promise<RowSet> =>
    rowsListed({ option, path, kind, catalogue, numRows, skipUnknown }, context);
  if (only !== undefined) filters.push({ option: 'only', rows: await listed('only', only) });
  if (excludeFrom !== undefined) {
    const rows = complement(await listed('excludeFrom', excludeFrom));
    filters.push({ option: 'excludeFrom', rows });
  }
  if (filters.length === 0) {
    return { among: undefined, filters, leaveOut, hidden, filtered: undefined, warnTooFew: () => undefined };
  }
  const among = filters.map(({ rows }) => rows).reduce(intersection);
  const excluded = new Set(leaveOut.filter((row) => hasRow(among, row)));
  const numAllowed = among.count - excluded.size;
  const given = [...filters.map(({ option }) => option), ...(exclude.length === 0 ? [] : ['exclude'])];
  const inWords = given.map((option) => `\`${option}\``);
  return {
    among,
    filters,
    leaveOut,
    hidden,
    filtered: { where: predicate, allowed: numAllowed, of: numRows },
    warnTooFew(found, k, leftOut, word) {
      if (found >= k) return;
      const left = `${listedInWords(inWords)} ${inWords.length === 1 ? 'leaves' : 'leave'} ${numAllowed} of ${numRows} ${kind}s`;
      const numOut = [...new Set(leftOut)].filter((row) => hasRow(among, row) && !excluded.has(row)).length;
      const rest = numOut === 0 ? '' : `; ${numOut} of them ${numOut === 1 ? 'was' : 'were'} ${word}`;
      context.onProgress({ kind: 'note', message: left + rest });
    },
  };
}

/** Predicates that are kept; each takes a bit for every row. */
const mostKept = 64;

/**
 * What selections read of a snapshot, kept for whoever asks the same again: the items of artists and albums, and the rows that
 * predicates hold for, of those that were asked for last.
 */
export class KeptRows {
  readonly groups: ItemsOfGroups;
  readonly #snapshot: OpenSnapshot;
  readonly #hidden: HiddenItems;
  readonly #kept = new Map<string, Promise<FilteredRows>>();
  /** By kind, as it was asked for last. */
  readonly #enough = new Map<string, EventsOptions & { readonly rows: RowSet | undefined }>();

  constructor(snapshot: OpenSnapshot) {
    this.#snapshot = snapshot;
    this.groups = new ItemsOfGroups(snapshot);
    this.#hidden = new HiddenItems(snapshot.root);
  }

  /** Of items that nobody is shown now. */
  hiddenRows(kind: string, catalogue: Catalogue): number[] {
    if (kind !== trainedKind) return [];
    return [...this.#hidden.ids()].flatMap((id) => catalogue.rowOfId(kind, id) ?? []);
  }

  /** As `rowsOfEnough`. */
  enough(kind: FoundKind | 'users', { minEvents }: EventsOptions): RowSet | undefined {
    const name = kind === 'users' ? kind : kind.name;
    const known = this.#enough.get(name);
    if (known?.minEvents === minEvents) return known.rows;
    const rows = rowsOfEnough(this.#snapshot, kind, { minEvents });
    this.#enough.set(name, { minEvents, rows });
    return rows;
  }

  /** What `rowsWhere` gives of the table at `path`, which never changes. */
  rowsWhere(path: string, text: string, numRows: number, what: string): Promise<FilteredRows> {
    const key = JSON.stringify([path, text, numRows, what]);
    const rows = this.#kept.get(key) ?? readRows(path, text, numRows, what);
    // What was asked for last stands last.
    this.#kept.delete(key);
    this.#kept.set(key, rows);
    rows.catch(() => this.#kept.delete(key));
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > mostKept && oldest !== undefined) this.#kept.delete(oldest);
    return rows;
  }
}

async function readRows(path: string, text: string, numRows: number, what: string): Promise<FilteredRows> {
  const { rowsWhere } = await import('./rows-where.js');
  return rowsWhere(path, text, numRows, what);
}

interface List {
  readonly option: string;
  readonly path: string;
  readonly kind: string;
  readonly catalogue: Catalogue;
  readonly numRows: number;
  readonly skipUnknown: boolean;
}

/** The rows that the lines of a file name; an item that nobody played has none of numRows, and is passed over. */
async function rowsListed(list: List, context: TaskContext): Promise<RowSet> {
  const { option, path, kind, catalogue, numRows, skipUnknown } = list;
  const { nameOfInput, textLines } = await import('../../files/text-lines.js');
  const name = nameOfInput(path);
  const isListed = new Uint8Array(numRows);
  let [numLines, numUnknown] = [0, 0];
  let first: TextLine | undefined;
  for await (const each of textLines(path, {
    signal: context.signal,
    what: `an ${kind}`,
    mostBytes: mostNameBytes,
  })) {
    const { line, text } = each;
    numLines++;
    const row = atLine(`\`${option}\` ${name} line ${line}`, line, path, () => catalogue.lookUp(kind, text));
    if (row === undefined) {
      numUnknown++;
      first ??= each;
    } else if (row < numRows) isListed[row] = 1;
  }
  if (first !== undefined && !skipUnknown) {
    const { line, text } = first;
    atLine(`\`${option}\` ${name} line ${line}`, line, path, () => catalogue.find(kind, text), [
      ...(text.includes('\0') ? ['that line has zero bytes: a plain text file is wanted'] : []),
      ...(numUnknown === 1 ? [] : [`${numUnknown} of ${numLines} lines name no ${kind}`]),
      'to skip and count such lines: `skipUnknown`',
    ]);
  }
  if (first !== undefined) {
    const message = `\`${option}\`: ${numUnknown} of ${numLines} lines of ${name} name no ${kind}, and were left out`;
    context.onProgress({ kind: 'note', message });
  }
  const rows: number[] = [];
  isListed.forEach((listed, row) => {
    if (listed === 1) rows.push(row);
  });
  return rowSetOf(numRows, rows);
}

/** Ids are shorter; nothing has a name that is longer, and is listed by it. */
const mostNameBytes = 65_536;

/** What a look-up gives or throws, the error beginning with the line it is about. */
function atLine<T>(
  place: string,
  line: number,
  file: string,
  lookUp: () => T,
  more: readonly string[] = [],
): T {
  try {
    return lookUp();
  } catch (error) {
    if (!(error instanceof AppError) || !error.code.startsWith('item-')) throw error;
    throw new AppError(error.code, `${place}: ${error.message}`, {
      suggestions: [...error.suggestions, ...more],
      details: { ...error.details, file, line },
      cause: error,
    });
  }
}

function listedInWords(flags: readonly string[]): string {
  return flags.length === 1 ? flags[0]! : `${flags.slice(0, -1).join(', ')} and ${flags.at(-1)}`;
}
