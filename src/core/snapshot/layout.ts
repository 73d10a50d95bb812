/** Every name below a root and inside a snapshot, said once. */
import { join } from 'node:path';
import { AppError } from '../errors.js';

/** Files of a snapshot, relative to its directory. */
export const snapshotFile = {
  manifest: 'manifest.json',
  /** Of a scorer by inner product: f32 [numItems × dim]; as als writes it, in the Gramian's eigenbasis. */
  itemVectors: 'model/item.npy',
  /** Of a fold by mean: f32 [numItems × dim], what an item brings to its listeners' vectors. */
  inputVectors: 'model/input.npy',
  /** Of an item-item scorer: f32 [numItems × numItems], row i what item i gives to every other. */
  similarity: 'model/similarity.npy',
  /** Of a sparse item-item scorer, the same in compressed sparse rows, columns ascending: u4 [numItems + 1], u4 [nnz], f32 [nnz]. */
  similarityIndptr: 'model/similarity.indptr.npy',
  similarityIdx: 'model/similarity.idx.npy',
  similarityWeight: 'model/similarity.weight.npy',
  /** Of a constant scorer: f32 [numItems]. */
  scores: 'model/score.npy',
  /** id, count, name and metadata; rows 0 … numItems − 1 are those of itemVectors, then items that nobody played. */
  itemTable: 'model/item.arrow',
  /**
   * Where items were added: f32 [features × dim], the vectors of what their columns say; a table of the features' columns and
   * values; and each added item's features in compressed sparse rows, u4 [added + 1], u4 [nnz], f32 [nnz]: its vector is the sum.
   */
  featureVectors: 'model/feature.npy',
  featureTable: 'model/feature.arrow',
  featureIndptr: 'model/item.feature-indptr.npy',
  featureIdx: 'model/item.feature.npy',
  featureWeight: 'model/item.feature-weight.npy',
  /** f64 [dim] of YᵀY. */
  eigenvalues: 'model/eigenvalues.npy',
  /** Of a fold by rotated equations: f32 [dim × dim], column f the eigenvector of eigenvalue f. */
  rotation: 'model/rotation.npy',
  /** f32 [numItems]: what the weights of an item's pairs are multiplied by; only where they are. */
  itemWeights: 'model/item-weight.npy',
  /** The catalogue's look-ups, of every kind. */
  itemStore: 'model/store.mdb',
  /** Artists: f32 [numArtists × dim] in the items' basis, and the table, whose first rows are those of the vectors. */
  artistVectors: 'model/artist.npy',
  artistTable: 'model/artist.arrow',
  /** u4 [rows of itemTable]: the row of each item's artist in artistTable, `noRow` where it has none. */
  artistOfItem: 'model/item.artist.npy',
  /** Albums, likewise. */
  albumVectors: 'model/album.npy',
  albumTable: 'model/album.arrow',
  albumOfItem: 'model/item.album.npy',
  /** f32 [numUsers × dim]. */
  userVectors: 'users/users.npy',
  /** u1 [numUsers]: 1 where the vector is as it was imported, and not made from the history. */
  userImported: 'users/imported.npy',
  /** id, count. */
  userTable: 'users/users.arrow',
  /** User id → row. */
  userStore: 'users/store.mdb',
  /** The pairs in compressed sparse rows: u4 [numUsers + 1], then [nnz] each of u4, i8, u4, M8[ms], u1. */
  historyIndptr: 'users/history/indptr.npy',
  historyItem: 'users/history/item.npy',
  historyWeight: 'users/history/weight.npy',
  historyCount: 'users/history/count.npy',
  historyLast: 'users/history/last.npy',
  historyFlags: 'users/history/flags.npy',
  /**
   * int8 codes [tiles, padded dim / 2, 8, 2] of the regions, of the centroids of the lists in order of the regions, and of
   * the rows in order of the lists. Items with a zero vector are in no list.
   */
  indexRegions: 'index/item.regions.npy',
  indexCentroids: 'index/item.centroids.npy',
  indexLists: 'index/item.lists.npy',
  /** f32 [1 + regions + lists, 2]: scale and error of the codes of the regions, of a region's centroids, of a list's rows. */
  indexScales: 'index/item.scales.npy',
  /** u4 [regions + 1] the list with which each region starts, u4 [lists + 1] where each list starts. */
  indexRegionOffsets: 'index/item.region-offsets.npy',
  indexOffsets: 'index/item.offsets.npy',
  /** u4 [numListed] item rows in the order of the lists. */
  indexRows: 'index/item.rows.npy',
  /** Items by norm: u4 [numItems] rows, i1 [tiles × padded dim/2 × 16 × 2] codes, f4 [tiles × 3 × 16] norms, scales, errors. */
  orderRows: 'index/item.order-rows.npy',
  orderCodes: 'index/item.order-codes.npy',
  orderBounds: 'index/item.order-bounds.npy',
} as const;

/** The files of an index that this version reads, by what an inverted file calls them. */
export const indexFiles = {
  regions: snapshotFile.indexRegions,
  centroids: snapshotFile.indexCentroids,
  lists: snapshotFile.indexLists,
  scales: snapshotFile.indexScales,
  regionOffsets: snapshotFile.indexRegionOffsets,
  offsets: snapshotFile.indexOffsets,
  rows: snapshotFile.indexRows,
} as const;

/** The files of items that were added. */
export const addedFiles = {
  vectors: snapshotFile.featureVectors,
  table: snapshotFile.featureTable,
  indptr: snapshotFile.featureIndptr,
  idx: snapshotFile.featureIdx,
  weight: snapshotFile.featureWeight,
} as const;

/** Where a snapshot keeps an array of the users' histories. */
export function historyFile(array: 'indptr' | 'item' | 'weight' | 'count' | 'last' | 'flags'): UserFile {
  return `users/history/${array}.npy`;
}

export type SnapshotFile = (typeof snapshotFile)[keyof typeof snapshotFile];

/** A file of users/: of a snapshot whose users are in shards each shard has one of it. */
export type UserFile = Extract<SnapshotFile, `users/${string}`>;
/** Any other: there is one of it in every snapshot. */
export type SingleFile = Exclude<SnapshotFile, UserFile>;
/** A file of one shard. */
export type ShardFile = `users/${string}/${string}`;

/** A manifest names every file, and a reader looks at each. */
export const mostShards = 1024;

/** What `name` is called in a shard: of users/users.npy users/0007/users.npy. */
export function shardFile(shard: number, name: UserFile): ShardFile {
  return `${shardDirectory(shard)}${name.slice('users/'.length)}`;
}

/** With the slash at its end. */
export function shardDirectory(shard: number): `users/${string}/` {
  return `users/${String(shard).padStart(4, '0')}/`;
}

/** The kind of item that is trained: what the names of `model/` and `index/` begin with. */
export const trainedKind = 'item';

/** Kinds that items make together: each has a vector made of those of its tracks. */
export const groupedKinds = ['artist', 'album'] as const;
export type GroupedKind = (typeof groupedKinds)[number];

/** The files of a kind, and where it is one that items make, the one that leads from items to it. */
export interface KindFiles {
  readonly vectors: SingleFile;
  readonly table: SingleFile;
  readonly ofItem?: SingleFile;
}

export const kindFiles: Readonly<Record<typeof trainedKind, KindFiles>> &
  Readonly<Record<GroupedKind, Required<KindFiles>>> = {
  item: { vectors: snapshotFile.itemVectors, table: snapshotFile.itemTable },
  artist: {
    vectors: snapshotFile.artistVectors,
    table: snapshotFile.artistTable,
    ofItem: snapshotFile.artistOfItem,
  },
  album: {
    vectors: snapshotFile.albumVectors,
    table: snapshotFile.albumTable,
    ofItem: snapshotFile.albumOfItem,
  },
};

/** The parts of a snapshot that this version knows: what `inherit` passes on together. */
const knownParts = ['model', 'users', 'index'] as const;
export type SnapshotPart = (typeof knownParts)[number];

/** Whether a file belongs to a part that this version does not know. A part is what comes before the first '/'. */
export function isOfUnknownPart(path: string): boolean {
  return !knownParts.some((part) => path.startsWith(`${part}/`));
}

/** LMDB's own tools make this beside a store that they open; it is no part of the snapshot. */
export const storeLockSuffix = '-lock';

/** Whether macOS leaves files of the name wherever a folder was looked at, or copied to another file system. */
export function isOfFinder(entry: string): boolean {
  return entry === '.DS_Store' || entry.startsWith('._');
}

/** An id: 16 lower-case hex digits. */
export const idPattern = /^[0-9a-f]{16}$/;
/** An id or the beginning of one, at least 4 digits. */
export const idPrefixPattern = /^[0-9a-f]{4,16}$/;

export const currentName = 'current';
export const latestName = 'latest';
export const previousName = 'previous';

const snapshotsName = 'snapshots';
const tagsName = 'tags';
const draftPrefix = '.tmp-';
const draftLockPrefix = 'draft-';
const uncheckedPrefix = '.unchecked-';
const uncheckedLockPrefix = 'unchecked-';
const checkpointsName = 'checkpoints';
const checkpointLockPrefix = 'checkpoint-';
const publishLockName = 'publish';
const collectLockName = 'gc';

/** Paths below a root. */
export const rootPath = {
  current: (root: string): string => join(root, currentName),
  latest: (root: string): string => join(root, latestName),
  tags: (root: string): string => join(root, tagsName),
  tag: (root: string, name: string): string => join(root, tagsName, name),
  snapshots: (root: string): string => join(root, snapshotsName),
  snapshot: (root: string, id: string): string => join(root, snapshotsName, id),
  draft: (root: string, name: string): string => join(root, snapshotsName, draftPrefix + name),
  /** What is complete, and the machine kept from being checked. */
  unchecked: (root: string, id: string): string => join(root, snapshotsName, uncheckedPrefix + id),
  history: (root: string): string => join(root, 'history.jsonl'),
  /** What users did and said apart from training: data, which nothing here makes again. */
  feedback: (root: string): string => join(root, 'feedback'),
  /** Items that no answer shows: data too. */
  hiddenItems: (root: string): string => join(root, 'hidden-items.jsonl'),
  stamps: (root: string): string => join(root, 'stamps'),
  stamp: (root: string, id: string): string => join(root, 'stamps', id),
  /** The maps of snapshots' items: each can be made again. */
  maps: (root: string): string => join(root, 'maps'),
  map: (root: string, id: string): string => join(root, 'maps', id),
  trash: (root: string): string => join(root, 'trash'),
  /** What searches for options have measured, a file each. */
  tuning: (root: string): string => join(root, 'tuning'),
  /** Of trainings that are under way, or were interrupted: a directory each. */
  allCheckpoints: (root: string): string => join(root, checkpointsName),
  checkpoints: (root: string, training: string): string => join(root, checkpointsName, training),
  checkpointLock: (root: string, training: string): string =>
    join(root, 'lock', checkpointLockPrefix + training),
  locks: (root: string): string => join(root, 'lock'),
  publishLock: (root: string): string => join(root, 'lock', publishLockName),
  collectLock: (root: string): string => join(root, 'lock', collectLockName),
  draftLock: (root: string, name: string): string => join(root, 'lock', draftLockPrefix + name),
  uncheckedLock: (root: string, id: string): string => join(root, 'lock', uncheckedLockPrefix + id),
} as const;

/** What is being written in a training's directory of checkpoints. */
export const unfinishedCheckpoint = '.unfinished';

/** A checkpoint's name says which epoch it was made after, and the sha256 of its bytes. */
export function checkpointName(epoch: number, sha256: string): string {
  return `${String(epoch)}.${sha256}`;
}

/** What `checkpointName` was given, or undefined for any other name. */
export function parseCheckpointName(name: string): { epoch: number; sha256: string } | undefined {
  const [, epoch, sha256] = /^([1-9]\d{0,9})\.([0-9a-f]{64})$/.exec(name) ?? [];
  return epoch === undefined || sha256 === undefined ? undefined : { epoch: Number(epoch), sha256 };
}

/** The name of the draft that a directory entry of snapshots/ holds, or undefined. */
export function draftName(entry: string): string | undefined {
  return entry.startsWith(draftPrefix) ? entry.slice(draftPrefix.length) : undefined;
}

/** The name of the draft that a lock file belongs to, or undefined. */
export function draftOfLock(entry: string): string | undefined {
  return entry.startsWith(draftLockPrefix) ? entry.slice(draftLockPrefix.length) : undefined;
}

/** The id of the unchecked snapshot that a directory entry of snapshots/ holds, or undefined. */
export function uncheckedId(entry: string): string | undefined {
  const id = entry.startsWith(uncheckedPrefix) ? entry.slice(uncheckedPrefix.length) : '';
  return idPattern.test(id) ? id : undefined;
}

/** The id of the unchecked snapshot that a lock file belongs to, or undefined. */
export function uncheckedOfLock(entry: string): string | undefined {
  const id = entry.startsWith(uncheckedLockPrefix) ? entry.slice(uncheckedLockPrefix.length) : '';
  return idPattern.test(id) ? id : undefined;
}

/** The training whose checkpoints a lock file belongs to, or undefined. */
export function trainingOfLock(entry: string): string | undefined {
  const training = entry.startsWith(checkpointLockPrefix) ? entry.slice(checkpointLockPrefix.length) : '';
  return idPattern.test(training) ? training : undefined;
}

/** Whether an entry of lock/ is a name that segue gives. */
export function isLockName(entry: string): boolean {
  const owners = [draftOfLock(entry), uncheckedOfLock(entry), trainingOfLock(entry)];
  return (
    owners.some((owner) => owner !== undefined) || entry === publishLockName || entry === collectLockName
  );
}

/** The name in trash/ of the snapshot with this id; `random` is 12 hex digits. */
export function trashName(id: string, random: string): string {
  return `${id}.${random}`;
}

/** Whether an entry of trash/ is a name that `trashName` gives. */
export function isTrashName(entry: string): boolean {
  return /^[0-9a-f]{16}\.[0-9a-f]{12}$/.test(entry);
}

/** What the links `current` and `latest` contain; relative, so that a root can be moved. */
export function linkTarget(id: string): string {
  return `${snapshotsName}/${id}`;
}

/** What a tag's link contains. */
export function tagTarget(id: string): string {
  return `../${snapshotsName}/${id}`;
}

const tagPattern = /^[a-z][a-z0-9._-]{0,63}$/;
const reservedNames: readonly string[] = [currentName, latestName, previousName, 'none'];

export function isTag(text: string): boolean {
  return tagPattern.test(text) && !reservedNames.includes(text) && !idPrefixPattern.test(text);
}

/** Throws 'bad-usage' for a name that cannot be a tag. */
export function requireTag(text: string): void {
  if (isTag(text)) return;
  const why = reservedNames.includes(text)
    ? 'that word is reserved'
    : idPrefixPattern.test(text)
      ? 'it can be read as the beginning of an id'
      : 'wanted a lower-case letter and then letters, digits, ".", "_" or "-", 64 characters at most';
  throw new AppError('bad-usage', `${JSON.stringify(text.slice(0, 80))} cannot be a tag: ${why}`);
}
