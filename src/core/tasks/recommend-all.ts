/** `segue recommend --all`: recommendations for everyone, or for everyone on a list, as one file or stream. */
import type { Readable } from 'node:stream';
import type { TaskContext } from '../contracts.js';
import { AppError } from '../errors.js';
import { sha256Hex } from '../files/sha256.js';
import { artistCap } from '../snapshot/artists-of-rows.js';
import { numRanked, requireKind, type Kind } from '../snapshot/kinds.js';
import { snapshotFile, trainedKind, type KindFiles } from '../snapshot/layout.js';
import { openForReading, type OpenSnapshot } from '../snapshot/open-snapshot.js';
import { openUsers } from '../snapshot/open-users.js';
import { openCatalogue, type Catalogue } from '../store/catalogue.js';
import { openIdFile, type IdFile } from '../tables/id-file.js';
import { commandKey, type IdSource } from '../tables/ranking-encoder.js';
import { openRankingEncoder } from './ranking-files.js';
import { openUserRanker } from './rank-users.js';
import { selectRows, type Filtered, type SelectionOptions } from './selection.js';
import { readUserList, type UserList } from './user-list.js';
import {
  formatOf,
  subjectsAtOnceOf,
  writeRankings,
  type RankingsOutput,
  type WrittenRankings,
} from './write-rankings.js';

export interface RecommendAllOptions extends RankingsOutput, SelectionOptions {
  readonly root: string;
  readonly snapshot?: string | undefined;
  /** Every user of the snapshot. */
  readonly all: boolean;
  /** A file with the id of a user a line, or `-` for stdin. */
  readonly usersFrom?: string | undefined;
  /** Ids of users; before those of `usersFrom`. */
  readonly users: readonly string[];
  /** Leave lines of a list out whom, or what, the snapshot does not know. */
  readonly skipUnknown?: boolean | undefined;
  /** For someone new, or a few users: not for many. */
  readonly like: readonly string[];
  readonly dislike: readonly string[];
  readonly explain?: boolean | undefined;
  readonly whyNot?: readonly string[] | undefined;
  readonly recipe?: string | undefined;
  readonly vector?: string | undefined;
  readonly maxPerArtist?: number | undefined;
  readonly kind?: string | undefined;
  /** Keep what they have heard; bans, dislikes and filters still hold. */
  readonly includeHeard: boolean;
  readonly k: number;
  readonly threads: number;
  readonly stdin?: Readable | undefined;
}

export interface WrittenRecommendations extends Omit<WrittenRankings, 'subjects'> {
  readonly users: number;
  /** Of a list: named again, and not known to the snapshot (skipped). */
  readonly repeated: number;
  readonly unknown: number;
}

/**
 * Every user's recommendations are those of `recommend` for that user alone, to the bit, at any number of threads. Memory
 * does not grow with the number of users, but for four bytes each of a list. undefined where the bytes went to `write`.
 */
export async function recommendAll(
  options: RecommendAllOptions,
  context: TaskContext,
): Promise<WrittenRecommendations | undefined> {
  const format = formatOf(options);
  requireUsers(options);
  const snapshot = await openForReading(options.root, options.snapshot, context);
  const opened: { close(): void }[] = [snapshot];
  const keep = <T extends { close(): void }>(part: T): T => {
    opened.push(part);
    return part;
  };
  try {
    const kind = requireKind(snapshot, options.kind ?? trainedKind);
    const numRows = numRanked(snapshot, kind.name);
    const users = keep(openUsers(snapshot, snapshot.manifest.inputs.interactions.items));
    const catalogue = keep(openCatalogue(snapshot.file(snapshotFile.itemStore)));
    const userIds = keep(openIdFile(snapshot.file(snapshotFile.userTable)));
    const list = options.all ? undefined : await readUserList(options, users, context);
    sayWhatIsLeftOut(list, context);
    const subjects = list === undefined ? userIds : listedIds(userIds, list.rows);
    const selection = await selectRows(snapshot, kind.name, catalogue, numRows, options, context);
    const cap = await artistCap(snapshot, kind, options.maxPerArtist, numRows);
    const { among, filtered } = selection;
    const excluded = Uint32Array.from(new Set(selection.leaveOut)).sort();
    const { k, includeHeard, threads } = options;
    const subjectsAtOnce = subjectsAtOnceOf(Math.min(k, numRows));
    /** Places of users who get what is popular. */
    const popular = new Set<number>();
    const encoder = await openRankingEncoder(
      format,
      { subject: 'user', found: kind.name, score: 'score' },
      {
        subjects,
        found: idsOfKind(snapshot, kind, numRows),
        metadata: metadataOf(snapshot, kind.name, options, excluded, catalogue),
      },
      documents(snapshot.id, kind.name, catalogue, { popular, filtered }, options.json),
    );
    const mostUsers = Math.min(subjectsAtOnce, Math.max(1, subjects.length));
    const ranking = { k, kind, mostUsers, excluded, includeHeard, among, cap, threads };
    const ranker = await openUserRanker(snapshot, users, ranking, context);
    try {
      const written = await writeRankings(
        {
          ...{ snapshot: snapshot.id, format, encoder, subjectsAtOnce },
          ...{ numSubjects: subjects.length, phase: 'recommending', unit: 'users' },
          ids: (from, to) => subjects.read(from, to),
          async rank(from, to) {
            const { ranked, blank } = await ranker.rank(
              list?.rows.subarray(from, to) ?? rowsBetween(from, to),
            );
            for (const q of blank) popular.add(from + q);
            return ranked;
          },
          identity: {
            ...{ command: 'recommend', k, includeHeard, excluded: [...excluded] },
            among: among === undefined ? null : sha256Hex(among.bits),
            ...{ kind: kind.name, maxPerArtist: options.maxPerArtist ?? null },
            users: list === undefined ? 'all' : sha256Hex(bytesOf(list.rows)),
          },
        },
        options,
        context,
      );
      sayWhoIsBlank(popular.size, context);
      if (written === undefined) return undefined;
      const { subjects: numUsers, ...rest } = written;
      return { ...rest, users: numUsers, repeated: list?.repeated ?? 0, unknown: list?.unknown ?? 0 };
    } finally {
      await ranker.close();
    }
  } finally {
    for (const part of opened.reverse()) part.close();
  }
}

function requireUsers(options: RecommendAllOptions): void {
  const { all, usersFrom, users, like, dislike, explain, whyNot } = options;
  if (all && (usersFrom !== undefined || users.length > 0))
    throw new AppError('bad-usage', '--all is for everyone: name no users beside it');
  const refused = Object.entries({
    like: like.length > 0,
    dislike: dislike.length > 0,
    explain: explain === true,
    'why-not': (whyNot ?? []).length > 0,
    recipe: options.recipe !== undefined,
    vector: options.vector !== undefined,
  }).find(([, isGiven]) => isGiven)?.[0];
  if (refused !== undefined) {
    throw new AppError('bad-usage', `--${refused} is for someone new, or for users named one by one`, {
      suggestions: ['leave out --all, --users-from, --out and --format'],
    });
  }
  if (all || usersFrom !== undefined || users.length > 0) return;
  throw new AppError('bad-usage', 'nobody is named', {
    suggestions: ['--all for everyone', '--users-from FILE for a list', 'or name a USER of the snapshot'],
  });
}

function sayWhatIsLeftOut(list: UserList | undefined, { onProgress }: TaskContext): void {
  if (list === undefined) return;
  const { rows, repeated, unknown } = list;
  if (rows.length === 0) onProgress({ kind: 'warning', message: 'the list names no users' });
  if (unknown > 0) {
    const message = `${unknown} of the list are not in the snapshot: they are left out`;
    onProgress({ kind: 'warning', message });
  }
  if (repeated > 0) {
    const message = `${repeated} of the list name someone again: each user is answered once`;
    onProgress({ kind: 'note', message });
  }
}

function sayWhoIsBlank(numUsers: number, { onProgress }: TaskContext): void {
  if (numUsers === 0) return;
  const message = `of ${numUsers} users nothing that they like is known to the model: they get what is played most, with the number of its events as the score`;
  onProgress({ kind: 'warning', message });
}

/** The ids of listed users, by their place in the list. */
function listedIds(ids: IdFile, rows: Uint32Array): IdSource {
  const read = (from: number, to: number): ReturnType<IdSource['read']> =>
    ids.readRows(rows.subarray(from, to));
  let numBytes: number | undefined;
  return {
    length: rows.length,
    /** Only one of the formats asks. */
    get numBytes() {
      if (numBytes === undefined) {
        numBytes = 0;
        for (let from = 0; from < rows.length; from += idsAtOnce)
          numBytes += read(from, Math.min(rows.length, from + idsAtOnce)).bytes.length;
      }
      return numBytes;
    },
    read,
  };
}

const idsAtOnce = 65_536;

/** The ids of what has vectors of a kind; its table may list more. */
export function idsOfKind(
  snapshot: OpenSnapshot,
  { table }: Pick<KindFiles, 'table'>,
  numRows: number,
): ReturnType<IdSource['read']> {
  const file = openIdFile(snapshot.file(table));
  try {
    return file.read(0, numRows);
  } finally {
    file.close();
  }
}

function metadataOf(
  { id, basis, manifest }: OpenSnapshot,
  kind: Kind,
  { k, includeHeard, where, maxPerArtist }: RecommendAllOptions,
  excluded: Uint32Array,
  catalogue: Catalogue,
): ReadonlyMap<string, string> {
  const ids = Array.from(excluded, (row) => catalogue.record(kind, row).id);
  return new Map([
    [commandKey, 'recommend'],
    ['segue.snapshot', id],
    ['segue.basis', basis],
    ['segue.model', manifest.model.name],
    ['segue.kind', kind],
    ['segue.k', String(k)],
    ['segue.include-heard', String(includeHeard)],
    ['segue.exclude', JSON.stringify(ids)],
    ...(where === undefined ? [] : ([['segue.where', where]] as const)),
    ...(maxPerArtist === undefined ? [] : ([['segue.max-per-artist', String(maxPerArtist)]] as const)),
  ]);
}

function documents(
  snapshot: string,
  kind: Kind,
  catalogue: Catalogue,
  { popular, filtered }: { readonly popular: ReadonlySet<number>; readonly filtered: Filtered | undefined },
  json: (value: unknown) => string = JSON.stringify,
): Parameters<typeof openRankingEncoder>[3] {
  const head = `{"snapshot":${json(snapshot)},"user":`;
  const ofKind = kind === trainedKind ? '' : `,"kind":${json(kind)}`;
  const filter = filtered === undefined ? '' : `,"filtered":${json(filtered)}`;
  return {
    head(user, place) {
      const fallback = popular.has(place) ? ',"fallback":"popularity"' : '';
      return `${head}${json(user)}${ofKind}${filter}${fallback},"recommendations":[`;
    },
    tail: ']}',
    record: (row) => catalogue.record(kind, row),
    json,
  };
}

function rowsBetween(from: number, to: number): Uint32Array {
  return Uint32Array.from({ length: to - from }, (_, at) => from + at);
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
