/** `segue recommend --all`: recommendations for everyone, or for everyone on a list, as one file or stream. */
import { Closers } from '../closers.js';
import type { TaskContext } from '../contracts.js';
import { AppError } from '../errors.js';
import { sha256Hex } from '../files/sha256.js';
import { openForReading } from '../snapshot/open-snapshot.js';
import { requireVectors } from '../snapshot/scorer.js';
import { catalogue } from '../options/catalogue.js';
import type { Asked } from '../options/option.js';
import type { recommendAll as operation } from '../options/queries.js';
import type { KnownUsers } from '../query/known-users.js';
import { openRecommender, type Recommender } from '../query/open-recommender.js';
import type { IdSource } from '../tables/ranking-encoder.js';
import { answersByScore } from '../query/many/answers-by-score.js';
import type { AnswersForUsers, AskedForUsers } from '../query/many/answers-for-users.js';
import { readUserList, type UserList } from '../query/many/user-list.js';
import {
  formatOf,
  goesOn,
  markOfInterrupted,
  writeRankings,
  type RankingsSource,
  type WrittenRankings,
} from '../query/many/write-rankings.js';
import { bytesOf } from '../files/npy.js';

/** Without `all` there have to be `users` or `usersFrom`. */
export type RecommendAllOptions = Asked<typeof operation.options>;

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
  const open = await answersOf(options);
  const opened = new Closers();
  try {
    const snapshot = opened.keep(await openForReading(options.root, options.snapshot, context, options.as));
    const recommender = opened.keep(openRecommender(snapshot, { inMemory: true }));
    const known = await recommender.users(options);
    const list = options.all ? undefined : await readUserList(options, known, context);
    sayWhatIsLeftOut(list, context);
    const { json = JSON.stringify } = options;
    const write = async (users: KnownUsers, isWanted: (source: RankingsSource) => boolean) => {
      const rows = list?.rows ?? users.everyone();
      const subjects = rows === undefined ? users.ids() : listedIds(users, rows);
      const answers = await open({ recommender, users, subjects, format, json }, context);
      try {
        const { encoder, subjectsAtOnce, blocksAhead, identity } = answers;
        const source: RankingsSource = {
          ...{ snapshot: snapshot.id, format, encoder, subjectsAtOnce, blocksAhead, mark: users.mark },
          ...{ numSubjects: subjects.length, phase: 'recommending', unit: 'users' },
          ids: (from, to) => subjects.read(from, to),
          rank: (from, to) => answers.rank(from, rows?.subarray(from, to) ?? rowsBetween(from, to)),
          identity: {
            ...{ command: 'recommend', ...identity, skipWeight: options.skipWeight ?? 0 },
            users: list === undefined ? 'all' : hashOf(list.rows, users),
          },
        };
        if (!isWanted(source)) return undefined;
        const written = await writeRankings(source, options, context);
        answers.tell();
        return { written };
      } finally {
        await answers.close();
      }
    };
    const before = await usersOfInterrupted(recommender, options);
    const { written } =
      (before && (await write(before, (source) => goesOn(source, options)))) ??
      (await write(known, () => true)) ??
      {};
    if (written === undefined) return undefined;
    const { subjects: numUsers, ...rest } = written;
    return { ...rest, users: numUsers, repeated: list?.repeated ?? 0, unknown: list?.unknown ?? 0 };
  } finally {
    opened.close();
  }
}

/** The users as the interrupted run saw them that may go on here; undefined where it obeyed no ledger that is still there. */
async function usersOfInterrupted(
  recommender: Recommender,
  options: RecommendAllOptions,
): Promise<KnownUsers | undefined> {
  if (options.feedback === false) return undefined;
  const mark = markOfInterrupted(options);
  return mark && recommender.openUsers().asOf(mark, options);
}

/** What makes the answers; a recipe is read and checked before anything else is. */
async function answersOf({
  recipe: name,
  k: length,
  ...options
}: RecommendAllOptions): Promise<(asked: AskedForUsers, context: TaskContext) => Promise<AnswersForUsers>> {
  if (name !== undefined) {
    const [{ readNamedRecipe }, { answersByRecipe }] = await Promise.all([
      import('../query/recipes/read-recipe.js'),
      import('../query/many/answers-by-recipe.js'),
    ]);
    const recipe = await readNamedRecipe(options.root, name);
    return (asked, context) => answersByRecipe(asked, recipe, { ...options, k: length }, context);
  }
  const k = length ?? catalogue.k.fallback();
  if (options.engine !== 'spark')
    return (asked, context) => answersByScore(asked, { ...options, k }, context);
  const { searchBySpark } = await import('../spark/search-by-spark.js');
  return async (asked, context) => {
    const { recommender, subjects } = asked;
    requireVectors(recommender.snapshot, 'there is nothing for `engine` spark to search');
    const { vectors } = recommender.kind(options.kind).files;
    const search = searchBySpark(recommender.snapshot, vectors, subjects.length, options, context);
    return answersByScore(asked, { ...options, k, ...search }, context);
  };
}

function requireUsers({ all, usersFrom, users }: RecommendAllOptions): void {
  if (all || usersFrom !== undefined || users.length > 0) return;
  throw new AppError('bad-usage', 'no user is named', {
    suggestions: ['`all` for everyone', '`usersFrom` FILE for a list', 'or name a USER of the snapshot'],
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
    const message = `${repeated} of the list are repeated: each user is answered once`;
    onProgress({ kind: 'note', message });
  }
}

/** Of users whom only the ledger knows, the row is another one in another run. */
function hashOf(rows: Uint32Array, users: KnownUsers): string {
  const added = users.idsOf(rows.filter((row) => row >= users.numStored));
  return added.length === 0
    ? sha256Hex(bytesOf(rows))
    : sha256Hex(bytesOf(rows), added.bytes, bytesOf(added.offsets));
}

/** The ids of listed users, by their place in the list. */
function listedIds(users: KnownUsers, rows: Uint32Array): IdSource {
  const read = (from: number, to: number): ReturnType<IdSource['read']> =>
    users.idsOf(rows.subarray(from, to));
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

function rowsBetween(from: number, to: number): Uint32Array {
  return Uint32Array.from({ length: to - from }, (_, at) => from + at);
}
