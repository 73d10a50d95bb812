/** Answers for many by the model's score: of the users' vectors a block at a time, on all threads. */
import type { TaskContext } from '../../contracts.js';
import { sha256Hex } from '../../files/sha256.js';
import { artistCap } from '../artists-of-rows.js';
import { numRanked, requireKind, type Kind } from '../../snapshot/kinds.js';
import { trainedKind, type KindFiles } from '../../snapshot/layout.js';
import type { OpenSnapshot } from '../../snapshot/open-snapshot.js';
import type { Catalogue } from '../../store/catalogue.js';
import { openIdFile } from '../../tables/id-file.js';
import { commandKey, type IdSource } from '../../tables/ranking-encoder.js';
import type { AnswersForUsers, AskedForUsers } from './answers-for-users.js';
import { openUserRanker } from './rank-users.js';
import { openRankingEncoder } from './ranking-files.js';
import { selectRows, type Filtered, type SelectionOptions } from '../filters/selection.js';
import { subjectsAtOnceOf } from './write-rankings.js';

export interface AnswersByScoreOptions extends SelectionOptions {
  readonly k: number;
  /** What they are to get; items without it. */
  readonly kind?: string | undefined;
  /** Most answers by one artist. */
  readonly maxPerArtist?: number | undefined;
  /** Keep what they have heard; bans, dislikes and filters still hold. */
  readonly includeHeard: boolean;
  readonly threads: number;
}

/** Close them before the snapshot. Errors as `recommend`, for a single user. */
export async function answersByScore(
  { snapshot, users, catalogue, subjects, format, json }: AskedForUsers,
  options: AnswersByScoreOptions,
  context: TaskContext,
): Promise<AnswersForUsers> {
  const kind = requireKind(snapshot, options.kind ?? trainedKind);
  const numRows = numRanked(snapshot, kind.name);
  const selection = await selectRows(snapshot, kind.name, catalogue, numRows, options, context);
  const { among, filtered } = selection;
  const cap = await artistCap(snapshot, kind, options.maxPerArtist, numRows);
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
    documents(snapshot.id, kind.name, catalogue, { popular, filtered }, json),
  );
  const mostUsers = Math.min(subjectsAtOnce, Math.max(1, subjects.length));
  const ranking = { k, kind, mostUsers, excluded, includeHeard, among, cap, threads };
  const ranker = await openUserRanker(snapshot, users, ranking, context);
  return {
    encoder,
    subjectsAtOnce,
    identity: {
      ...{ k, includeHeard, excluded: [...excluded] },
      among: among === undefined ? null : sha256Hex(among.bits),
      ...{ kind: kind.name, maxPerArtist: options.maxPerArtist ?? null },
    },
    async rank(from, rows) {
      const { ranked, blank } = await ranker.rank(rows);
      for (const q of blank) popular.add(from + q);
      return ranked;
    },
    tell() {
      if (popular.size === 0) return;
      const message = `users of whom nothing that they like is known to the model: ${popular.size}. They get what is played most, with the number of its events as the score`;
      context.onProgress({ kind: 'warning', message });
    },
    close: () => ranker.close(),
  };
}

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
  { k, includeHeard, where, maxPerArtist }: AnswersByScoreOptions,
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
  json: (value: unknown) => string,
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
