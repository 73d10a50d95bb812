/** What `segue import` reads: vectors into memory, ids, names, and users' histories. */
import { existsSync } from 'node:fs';
import { allocateFactors, factorBytes, paddedDim, type Factors } from '../compute/factors.js';
import { openPool, poolBytes, type ComputePool } from '../compute/pool.js';
import { gib, mostAllocatedBytes } from '../compute/workspace.js';
import type { Interactions, ItemTable, StringColumn, TaskContext } from '../contracts.js';
import { AppError } from '../errors.js';
import { keeping, handingOn } from '../closers.js';
import { fileWord } from '../shell-word.js';
import { itemTextOptions, textOptions } from '../events/text-options.js';
import { noteRows } from '../events/reading-remarks.js';
import { sha256Hex } from '../files/sha256.js';
import { loadVectors, requireIds, type LoadedVectors } from '../interchange/load-vectors.js';
import { openForeignVectors } from '../interchange/open-vectors.js';
import { readIds } from '../interchange/foreign-ids.js';
import type { BesideVectors, VectorRows } from '../interchange/vector-rows.js';
import { kindRows, type KindRows } from '../snapshot/kind-rows.js';
import type { ItemRows } from '../tables/item-rows.js';
import { rowFinder } from '../tables/row-finder.js';
import { gramianLayout, gramianScratchBytes } from '../models/als/gramian.js';
import { importedUsers } from '../histories/imported-users.js';
import { historiesOfKnown, type KnownItems } from '../histories/renumber-items.js';
import type { UserHistories } from '../histories/replace-histories.js';
import { rotatedSizes } from '../models/folding/rotated-fold.js';
import { catalogueOf } from './catalogue.js';
import { warnOfTimes } from '../events/event-times.js';
import type { AskedOf } from '../options/asked-of.js';

export type ImportVectorsOptions = AskedOf<'importVectors'>;

export interface ReadImport {
  readonly pool: ComputePool;
  readonly dim: number;
  /** The vectors as they were, in the order of their file. */
  readonly items: Factors;
  /** Everyone's place: the first `imported` hold vectors. */
  readonly users: Factors;
  readonly imported: number;
  readonly vectors: LoadedVectors;
  readonly userVectors: LoadedVectors | undefined;
  readonly interactions: Interactions;
  readonly catalogue: ItemRows;
  /** null where nothing but ids is known of the items. */
  readonly itemsSha256: string | null;
  /** Of counts that stood beside the vectors. */
  readonly countsSha256: string | undefined;
  readonly kinds: readonly KindRows[];
  close(): Promise<void>;
}

const defaultCountColumn = 'count';

export async function readImport(options: ImportVectorsOptions, context: TaskContext): Promise<ReadImport> {
  return keeping(async (opened) => {
    const { format, events: eventsFile, countColumn = defaultCountColumn } = options;
    const choice = { id: options.idColumn, vector: options.vectorColumn, count: options.countColumn };
    const itemRows = opened.keep(await openForeignVectors(options.vectors, format, choice, context));
    const userFile = options.userVectors;
    // A table of users may have other columns than that of items: what was said fits where it is there.
    const userRows =
      userFile === undefined
        ? undefined
        : opened.keep(await openForeignVectors(userFile, format, { ...choice, count: undefined }, context));
    if (userRows !== undefined && userRows.dim !== itemRows.dim) {
      throw new AppError(
        'bad-input-file',
        `${userRows.path} has vectors of ${String(userRows.dim)} dimensions, and ${itemRows.path} of ${String(itemRows.dim)}`,
        { suggestions: ['users and items of one training have as many'] },
      );
    }
    for (const rows of [itemRows, userRows])
      if (rows?.isDouble === true) context.onProgress(rounding(rows.path));
    const givenIds = options.ids === undefined ? undefined : readIds(options.ids, countColumn);
    const givenUserIds = options.userIds === undefined ? undefined : readIds(options.userIds, countColumn);
    const events = eventsFile === undefined ? undefined : await readEvents(options, eventsFile, context);

    // Events may name more users than have vectors: how many is known before their vectors are read.
    const numUsers = (userRows?.numRows ?? 0) + (events?.users.length ?? 0);
    return handingOn(openMemory(itemRows, numUsers, options.threads, context), async (pool) => {
      const { workspace } = pool;
      const dim = paddedDim(itemRows.dim);
      const items = allocateFactors(workspace, itemRows.numRows, dim);
      const allUsers = allocateFactors(workspace, numUsers, dim);
      const load = (rows: VectorRows, place: Factors): Promise<LoadedVectors> =>
        loadVectors(rows, workspace, place, (done) => {
          const step = { phase: `reading ${rows.path}`, done, total: rows.numRows, unit: 'rows' } as const;
          context.onProgress({ kind: 'step', ...step });
        });
      const vectors = await load(itemRows, items);
      const beside = besideOf(options.vectors, vectors.beside, givenIds, options.ids);
      const ids = idsOf(itemRows, beside, options.ids, '`ids`');
      const userVectors = userRows === undefined ? undefined : await load(userRows, allUsers);
      const userIds =
        userRows === undefined || userVectors === undefined
          ? undefined
          : idsOf(
              userRows,
              besideOf(userRows.path, userVectors.beside, givenUserIds, options.userIds),
              options.userIds,
              '`userIds`',
            );
      warnOfZeros(options.vectors, vectors.zeroRows, context);

      const histories =
        events === undefined ? undefined : historyItems(events, ids, eventsFile ?? '', context);
      const { ids: everyone, pairs } = importedUsers(userIds, histories, ids.length);
      const { hashInteractions } = await import('../events/interactions-hash.js');
      const counted = {
        ...{ users: everyone, items: ids, pairs },
        numEvents: pairs.count.reduce((sum, count) => sum + count, 0),
        ...{ firstAt: events?.firstAt ?? null, lastAt: events?.lastAt ?? null },
      };
      const interactions: Interactions = { ...counted, sha256: hashInteractions(counted) };
      const named = await catalogueFrom(options, interactions, beside, context);
      return {
        ...{ pool, dim: itemRows.dim, items, vectors, userVectors, interactions, ...named },
        users: { ...allUsers, numRows: everyone.length },
        imported: userIds?.length ?? 0,
        kinds: kindRows(named.catalogue, ids.length),
        close: () => pool.close(),
      };
    });
  });
}

function rounding(path: string): { readonly kind: 'note'; readonly message: string } {
  return { kind: 'note', message: `${path} holds float64: its numbers are rounded to float32` };
}

function warnOfZeros(path: string, zeroRows: number, { onProgress }: TaskContext): void {
  if (zeroRows === 0) return;
  const message =
    zeroRows === 1
      ? `a vector in ${path} is zero: it is a neighbour of no item`
      : `${String(zeroRows)} vectors in ${path} are zero: they are neighbours of no item`;
  onProgress({ kind: 'warning', message });
}

/** AppError 'too-large' where vectors, and what folding takes, pass what 32 bits address. */
function openMemory(
  { numRows, dim }: VectorRows,
  numUsers: number,
  threads: number,
  { signal }: TaskContext,
): ComputePool {
  const padded = paddedDim(dim);
  const fold = rotatedSizes(dim, numRows);
  const workspaceBytes =
    factorBytes(numRows, padded) +
    factorBytes(numUsers, padded) +
    Math.max(gramianLayout(numRows, padded).bytes, fold.allBytes(numUsers)) +
    1024;
  const scratchBytes = Math.max(gramianScratchBytes(padded), fold.scratchBytes(numRows));
  const bytes = poolBytes({ threads, workspaceBytes, scratchBytes });
  if (bytes > mostAllocatedBytes) {
    throw new AppError(
      'too-large',
      `${String(numRows)} items and ${String(numUsers)} users of ${String(dim)} dimensions take ${gib(bytes)} GiB; 4 GiB are the most`,
      { suggestions: ['import without users, fewer items, or vectors of fewer dimensions'] },
    );
  }
  return openPool({ threads, workspaceBytes, scratchBytes, signal });
}

/** What stands beside the vectors in their file, or in that of the ids, which counts for more. */
function besideOf(
  path: string,
  inFile: BesideVectors,
  given: BesideVectors | undefined,
  givenPath: string | undefined,
): BesideVectors & { readonly path: string } {
  if (given === undefined || givenPath === undefined) return { ...inFile, path };
  return { ...inFile, ...given, path: givenPath };
}

function idsOf(
  rows: VectorRows,
  beside: BesideVectors & { readonly path: string },
  givenPath: string | undefined,
  flag: string,
): StringColumn {
  if (beside.ids === undefined) {
    const exported = rows.path.replace(/\.npy$/i, '.jsonl');
    const isMatrix = exported !== rows.path;
    throw new AppError('bad-usage', `${rows.path} has vectors and no ids`, {
      suggestions: [
        isMatrix && existsSync(exported)
          ? `they may be in the file beside it: ${flag} ${fileWord(exported)}`
          : `name the file that has them, in the order of the vectors: ${flag} FILE`,
        ...(isMatrix ? [] : ['or the column: `idColumn` NAME']),
      ],
    });
  }
  requireIds(givenPath ?? rows.path, beside.ids, rows.numRows, rows.path);
  return beside.ids;
}

async function readEvents(
  options: ImportVectorsOptions,
  file: string,
  context: TaskContext,
): Promise<Interactions> {
  const { readInteractions } = await import('../events/read-events.js');
  const { skipBadRows, threads } = options;
  const { interactions, remarks } = await readInteractions({
    ...textOptions(options),
    ...{ files: [file], format: options.eventFormat, skipBadRows, threads, minUserItems: 1, minItemUsers: 1 },
    ...context,
  });
  noteRows(remarks, context);
  warnOfTimes(interactions, {}, context);
  return interactions;
}

/** The events as histories of the items that have vectors. AppError 'bad-input-file' where none has. */
function historyItems(
  events: Interactions,
  ids: StringColumn,
  file: string,
  context: TaskContext,
): UserHistories {
  const rowOfId = rowFinder(ids);
  const known: KnownItems = {
    numItems: ids.length,
    rowOf: (item) => rowOfId(events.items, item),
    noneKnown: 'none of its items has a vector',
    hint: `, an id of the vectors is ${JSON.stringify(ids.at(0))}`,
  };
  return historiesOfKnown(events, file, known, context);
}

/** Names, metadata and counts: of --items and the events where these are given, else what stands beside the vectors. */
async function catalogueFrom(
  options: ImportVectorsOptions,
  interactions: Interactions,
  beside: BesideVectors,
  context: TaskContext,
): Promise<Pick<ReadImport, 'catalogue' | 'itemsSha256' | 'countsSha256'>> {
  const { hashItems, readItemTable } = await import('../events/read-items.js');
  const table: ItemTable | undefined =
    options.items === undefined
      ? undefined
      : await readItemTable(options.items, { ...itemTextOptions(options), ...context });
  const catalogue = catalogueOf(interactions, table, options.items, context);
  const ownCounts = options.events === undefined ? beside.counts : undefined;
  const counts = new Uint32Array(catalogue.ids.length);
  counts.set(ownCounts ?? catalogue.counts.subarray(0, counts.length));
  const countsSha256 =
    ownCounts === undefined
      ? undefined
      : sha256Hex(new Uint8Array(counts.buffer, 0, 4 * interactions.items.length));
  if (table !== undefined) {
    return { catalogue: { ...catalogue, counts }, itemsSha256: table.sha256, countsSha256 };
  }
  const { recogniseDates } = await import('../events/date-columns.js');
  const columns = beside.columns.map((given) => {
    const { column, note } = recogniseDates(given);
    if (note !== undefined) context.onProgress({ kind: 'note', message: `${options.vectors}: ${note}` });
    return column;
  });
  return {
    catalogue: { ids: interactions.items, counts, columns },
    itemsSha256: columns.length === 0 ? null : hashItems(interactions.items, columns),
    countsSha256,
  };
}
