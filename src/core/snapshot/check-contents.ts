/**
 * Opening every file of a snapshot with what reads it later, and asking it something: arrays must have the shapes that
 * the manifest implies, stores must find what they hold. Checksums say that the bytes are those that were written;
 * this says that they can be used.
 */
import { join } from 'node:path';
import { closing } from '../closers.js';
import type { StringColumn } from '../contracts.js';
import type { AppError } from '../errors.js';
import { openNpy, readNpy, type NpyDtype } from '../files/npy.js';
import { openCatalogue } from '../store/catalogue.js';
import { openUserDirectory } from '../store/user-directory.js';
import { readItemTable, readUserTable } from '../tables/snapshot-tables.js';
import { historyArrays, openHistories, type HistoryArray } from '../histories/histories.js';
import { damagedFile } from './damaged-file.js';
import { noRow } from './kind-rows.js';
import { itemItemFiles, openItemItem } from './item-item.js';
import { kindsOf } from './kinds.js';
import { addedFiles, historyFile, kindFiles, snapshotFile, trainedKind, indexFiles } from './layout.js';
import type { GroupedKind, SingleFile, UserFile } from './layout.js';
import { numTrained, type Manifest } from './manifest.js';
import { openIndexSearch } from './open-index.js';
import { checkNormOrder, hasNormOrder, normOrderFiles } from './norm-order.js';
import { readableIndex } from './readable-index.js';
import { foldOf, hasVectors, scorerOf } from './scorer.js';
import { shardOf, shardsOf, userParts, type UserPart } from './users/user-parts.js';

/** What is asked of each store and of the histories, at rows spread evenly. */
const numQueries = 100;

const historyNames = Object.keys(historyArrays) as HistoryArray[];

/** The files of one snapshot, as the checks below see them. */
interface Contents {
  readonly manifest: Manifest;
  has(name: SingleFile): boolean;
  path(name: SingleFile): string;
}

/** Throws damaged-snapshot, naming the file. */
export async function checkContents(directory: string, manifest: Manifest): Promise<void> {
  const contents: Contents = {
    manifest,
    has: (name) => Object.hasOwn(manifest.files, name),
    path: (name) => join(directory, name),
  };
  for (const name of impliedFiles(manifest)) {
    if (!contents.has(name))
      throw damagedFile(manifest.id, name, 'the manifest describes it and does not name it');
  }
  for (const [name, dtype, shape] of arraysOf(manifest)) {
    if (contents.has(name)) openNpy(contents.path(name), { dtype, shape }).close();
  }
  await checkItems(contents);
  for (const { name, rows, vectors } of kindsOf(manifest)) await checkKind(contents, name, rows, vectors);
  if (manifest.users !== null) {
    const parts = userParts(manifest, (name) => join(directory, name));
    for (const [at, part] of parts.entries()) await checkPart(manifest, part, at, parts.length);
  }
  if (contents.has(snapshotFile.similarityIndptr)) checkSparseMatrix(contents);
  if (hasNormOrder(manifest)) checkNormOrder(manifest, contents.path);
  if (readableIndex(manifest) !== null) {
    checkLists(contents);
    await askIndex(contents);
  }
}

/** Files without which a section of the manifest means nothing. */
function impliedFiles(manifest: Manifest): SingleFile[] {
  const index = readableIndex(manifest);
  const { inputVectors, rotation, scores } = snapshotFile;
  const scorer = scorerOf({ id: manifest.id, manifest });
  const fold = foldOf({ id: manifest.id, manifest });
  return [
    ...(fold === 'mean' ? [inputVectors] : []),
    ...(fold === 'rotated-equations' ? [rotation] : []),
    ...itemItemFiles({ id: manifest.id, manifest }),
    ...(scorer === 'constant' ? [scores] : []),
    ...kindsOf(manifest).flatMap(({ name }) => Object.values(kindFiles[name])),
    ...(manifest.model.added === undefined ? [] : Object.values(addedFiles)),
    ...(hasNormOrder(manifest) ? normOrderFiles : []),
    ...(index === null ? [] : Object.values(indexFiles)),
  ];
}

/** The same of users. Of a snapshot in one part somebody else may have made neither table nor look-ups. */
function impliedUserFiles(manifest: Manifest): UserFile[] {
  const { userVectors, userImported, userTable, userStore } = snapshotFile;
  return [
    ...(shardsOf(manifest) === undefined ? [] : [userTable, userStore]),
    ...(hasVectors({ id: manifest.id, manifest }) ? [userVectors] : []),
    ...(manifest.users?.imported === undefined ? [] : [userImported]),
    ...historyNames.map(historyFile),
  ];
}

/** A file, its dtype, and the length of each axis (undefined: any). */
type NamedArray = [SingleFile, NpyDtype, (number | undefined)[]];

/** The arrays whose shapes follow from the manifest. */
function arraysOf(manifest: Manifest): NamedArray[] {
  const { inputs, model } = manifest;
  const index = readableIndex(manifest);
  const numItems = inputs.interactions.items;
  const trained = numTrained(manifest);
  const { dim } = model;
  const arrays: NamedArray[] = [
    [snapshotFile.itemVectors, '<f4', [numItems, dim]],
    [snapshotFile.inputVectors, '<f4', [numItems, dim]],
    [snapshotFile.eigenvalues, '<f8', [dim]],
    [snapshotFile.rotation, '<f4', [dim, dim]],
    [snapshotFile.similarity, '<f4', [trained, trained]],
    [snapshotFile.similarityIndptr, '<u4', [trained + 1]],
    [snapshotFile.scores, '<f4', [numItems]],
    [snapshotFile.itemWeights, '<f4', [numItems]],
    [snapshotFile.featureVectors, '<f4', [undefined, dim]],
    [snapshotFile.featureIndptr, '<u4', [numItems - trained + 1]],
    ...kindsOf(manifest).map(({ name, vectors }): NamedArray => [
      kindFiles[name].vectors,
      '<f4',
      [vectors, dim],
    ]),
  ];
  if (index !== null) arrays.push([snapshotFile.indexOffsets, '<u4', [index.lists + 1]]);
  return arrays;
}

/** The rows of a sparse matrix add up to its entries, which are items in order. */
function checkSparseMatrix({ manifest, path }: Contents): void {
  const { similarityIdx, similarityIndptr } = snapshotFile;
  const { id } = manifest;
  checkBounds(manifest, similarityIndptr, path(similarityIndptr), lengthOf(path(similarityIdx)));
  closing(openItemItem({ id, manifest, file: path }), ({ numItems, entries }) => {
    for (const row of spreadRows(numItems)) {
      const { idx } = entries(row);
      if (!idx.every((column, at) => at === 0 || column > (idx[at - 1] ?? 0)))
        throw damagedFile(id, similarityIdx, `row ${row} is not in order`);
    }
  });
}

/** Every trained item is in the table and in the store, under the same id. */
async function checkItems(contents: Contents): Promise<void> {
  const { manifest, has, path } = contents;
  const { itemTable } = snapshotFile;
  const least = manifest.inputs.interactions.items;
  const ids = has(itemTable) ? (await readItemTable(path(itemTable))).ids : undefined;
  if (ids !== undefined && ids.length < least) {
    throw damagedFile(manifest.id, itemTable, `it has ${ids.length} rows, ${least} items were trained`);
  }
  askStore(contents, trainedKind, ids, least);
}

/** Every artist (or album) is in its table and in the store; items lead to rows of it. */
async function checkKind(
  contents: Contents,
  kind: GroupedKind,
  numRows: number,
  numVectors: number,
): Promise<void> {
  const { manifest, path } = contents;
  const { table, ofItem } = kindFiles[kind];
  if (numVectors > numRows) {
    const what = `${kind}s: ${numVectors} vectors of ${numRows}`;
    throw damagedFile(manifest.id, snapshotFile.manifest, what);
  }
  const { ids } = await readItemTable(path(table), numRows);
  const rows = readNpy(path(ofItem), { dtype: '<u4', shape: [undefined] }).data;
  const wrong = rows.find((row) => row >= numRows && row !== noRow);
  if (wrong !== undefined) throw damagedFile(manifest.id, ofItem, `it holds the row ${wrong} of ${numRows}`);
  if (rows.length < manifest.inputs.interactions.items)
    throw damagedFile(manifest.id, ofItem, `it has ${rows.length} rows, fewer than items`);
  askStore(contents, kind, ids, numRows);
}

/** The store holds the rows of a kind, and leads from their ids to them. @param least where no table says how many */
function askStore(
  { manifest, has, path }: Contents,
  kind: string,
  ids: StringColumn | undefined,
  least: number,
): void {
  const { itemStore } = snapshotFile;
  if (!has(itemStore)) return;
  closing(openCatalogue(path(itemStore)), (catalogue) => {
    const numRows = catalogue.numRows(kind);
    const wanted = ids?.length ?? Math.max(least, numRows);
    if (numRows !== wanted)
      throw damagedFile(manifest.id, itemStore, `it holds ${numRows} ${kind}s, not ${wanted}`);
    for (const row of spreadRows(numRows)) {
      const { id } = catalogue.record(kind, row);
      const found = catalogue.rowOfId(kind, id);
      if (found !== row || (ids !== undefined && ids.at(row) !== id)) {
        throw damagedFile(
          manifest.id,
          itemStore,
          `the id of ${kind} row ${row} leads to ${found ?? 'nothing'}`,
        );
      }
    }
  });
}

/** One part of users/, or the only one. */
async function checkPart(manifest: Manifest, part: UserPart, shard: number, count: number): Promise<void> {
  for (const name of impliedUserFiles(manifest)) {
    if (!part.has(name))
      throw damagedFile(manifest.id, part.nameOf(name), 'the manifest describes it and does not name it');
  }
  const { userVectors, userImported } = snapshotFile;
  const shape = [part.rows, manifest.model.dim];
  if (part.has(userVectors)) openNpy(part.file(userVectors), { dtype: '<f4', shape }).close();
  if (part.has(userImported)) openNpy(part.file(userImported), { dtype: '|u1', shape: [part.rows] }).close();
  await checkUsers(manifest, part, shard, count);
  checkHistories(manifest, part, shardsOf(manifest)?.[shard]?.pairs);
}

/** Every user is in the table, and the store finds it. Of one of `count` shards: its users belong there. */
async function checkUsers(manifest: Manifest, part: UserPart, shard: number, count: number): Promise<void> {
  const { userTable, userStore } = snapshotFile;
  if (!part.has(userTable)) return;
  const { ids } = await readUserTable(part.file(userTable), part.rows);
  if (!part.has(userStore)) return;
  const directory = openUserDirectory(part.file(userStore));
  const wrong = (name: UserFile, what: string): AppError => damagedFile(manifest.id, part.nameOf(name), what);
  try {
    for (const row of spreadRows(part.rows)) {
      const found = directory.rowOf(ids.at(row));
      if (found !== row) throw wrong(userStore, `the id of row ${row} leads to ${found ?? 'nothing'}`);
      const own = count === 1 ? 0 : shardOf(ids.at(row), count);
      if (own !== shard) throw wrong(userTable, `the id of row ${row} belongs to shard ${own}`);
    }
  } finally {
    directory.close();
  }
}

/** Every user's pairs are where indptr says, and in order. @param wantedPairs where the manifest says how many there are */
function checkHistories(manifest: Manifest, part: UserPart, wantedPairs?: number): void {
  const numItems = manifest.inputs.interactions.items;
  const path = (name: HistoryArray): string => part.file(historyFile(name));
  const numPairs = wantedPairs ?? lengthOf(path('item'));
  for (const name of historyNames) {
    const length = name === 'indptr' ? part.rows + 1 : numPairs;
    openNpy(path(name), { dtype: historyArrays[name], shape: [length] }).close();
  }
  checkBounds(manifest, part.nameOf(historyFile('indptr')), path('indptr'), numPairs);
  closing(openHistories(path, numItems), (histories) => {
    for (const user of spreadRows(part.rows)) {
      const { item } = histories.read(user);
      for (let p = 0; p < item.length; p++) {
        const isAscending = p === 0 || item[p]! > item[p - 1]!;
        if (!isAscending || item[p]! >= numItems) {
          const what = `user row ${user} is not in order`;
          throw damagedFile(manifest.id, part.nameOf(historyFile('item')), what);
        }
      }
    }
  });
}

/** The lists hold items, each at most once: one whose vector is zero is in none. */
function checkLists(contents: Contents): void {
  const { manifest, path } = contents;
  const numItems = manifest.inputs.interactions.items;
  const numListed = lengthOf(path(snapshotFile.indexRows));
  checkBounds(manifest, snapshotFile.indexOffsets, path(snapshotFile.indexOffsets), numListed);
  const rows = readNpy(path(snapshotFile.indexRows), { dtype: '<u4', shape: [numListed] }).data;
  const seen = new Uint8Array(numItems);
  for (const row of rows) {
    if (row >= numItems || seen[row] === 1)
      throw damagedFile(manifest.id, snapshotFile.indexRows, `it holds the row ${row} wrongly`);
    seen[row] = 1;
  }
}

/**
 * Items look for themselves. One may be missed, where another list's centroid is as near; but an index that misses half
 * of them was built from other vectors, and would answer wrongly without any sign of it.
 */
async function askIndex({ manifest, path }: Contents): Promise<void> {
  const index = readableIndex(manifest);
  if (index === null) return;
  closing(await openIndexSearch(path, index, { maxK: 1, inMemory: false }), (search) => {
    let asked = 0;
    let missed = 0;
    for (const row of spreadRows(search.numRows)) {
      const vector = search.vectorOf(row);
      // A zero vector has no direction, and is in no list.
      if (Number.isNaN(vector[0])) continue;
      asked++;
      const [nearest] = search.best(vector, 1, []);
      // Others of the same direction may stand before it, with the same similarity.
      if (!(Math.abs((nearest?.score ?? 0) - 1) < 1e-3)) missed++;
    }
    if (2 * missed > asked) {
      const found = `${missed} of ${asked} items do not find themselves in it`;
      throw damagedFile(manifest.id, snapshotFile.indexLists, found);
    }
  });
}

/** The first axis of an array. */
function lengthOf(path: string): number {
  const file = openNpy(path);
  file.close();
  return file.shape[0] ?? 0;
}

/** Bounds of consecutive ranges: from 0, ascending, to `end`. Whoever reads a range allocates what it says. */
function checkBounds({ id }: Manifest, name: string, path: string, end: number): void {
  const bounds = readNpy(path, { dtype: '<u4', shape: [undefined] }).data;
  const isAscending = bounds.every((bound, at) => at === 0 || bound >= bounds[at - 1]!);
  if (!isAscending || bounds[0] !== 0 || bounds.at(-1) !== end) {
    throw damagedFile(id, name, `its ranges do not add up to ${end} rows`);
  }
}

/** At most `numQueries` of the rows, from the first to the last. */
function spreadRows(numRows: number): number[] {
  const count = Math.min(numRows, numQueries);
  return Array.from({ length: count }, (_, at) =>
    count === 1 ? 0 : Math.floor((at * (numRows - 1)) / (count - 1)),
  );
}
