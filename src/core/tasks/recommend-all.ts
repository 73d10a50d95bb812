/** `segue recommend --all`: recommendations for everyone, or for everyone on a list, as one file or stream. */
import { closing, keeping } from '../closers.js';
import type { Count, TaskContext } from '../contracts.js';
import { AppError } from '../errors.js';
import { trainedKind } from '../snapshot/layout.js';
import { openForReading, type OpenSnapshot } from '../snapshot/open-snapshot.js';
import { requireVectors } from '../snapshot/scorer.js';
import { catalogue } from '../options/catalogue.js';
import type { Asked } from '../options/option.js';
import { recommendAll as operation } from '../options/queries.js';
import type { KnownUsers } from '../query/known-users.js';
import { openRecommender } from '../query/open-recommender.js';
import { answersByScore } from '../query/many/answers-by-score.js';
import type { AnswersForUsers, AskedForUsers } from '../query/many/answers-for-users.js';
import { idsOfRows, readUserList } from '../query/many/user-list.js';
import {
  askedIdentity,
  formatOf,
  interruptedRun,
  writeRankings,
  type RankingsSource,
  type WrittenRankings,
} from '../query/many/write-rankings.js';

/** Without `all` there have to be `users` or `usersFrom`. */
export type RecommendAllOptions = Asked<typeof operation.options>;

export interface WrittenRecommendations extends Omit<WrittenRankings, 'subjects'> {
  readonly users: Count;
  /** Of a list: named again, and not known to the snapshot (skipped). */
  readonly repeated: Count;
  readonly unknown: Count;
}

/**
 * Every user's recommendations are those of `recommend` for that user alone, to the bit, at any number of threads. Memory
 * does not grow with the number of users, but for four bytes each of a list. undefined where the bytes went to `write`.
 */
export async function recommendAll(
  options: RecommendAllOptions,
  context: TaskContext,
): Promise<WrittenRecommendations | undefined> {
  requireUsers(options);
  const open = await answersOf(options);
  const format = formatOf(options);
  const interrupted = options.feedback ? interruptedRun(options) : undefined;
  return keeping(async (opened) => {
    const snapshot = opened.keep(await openForReading(options.root, options.snapshot, context, options.as));
    const recommender = opened.keep(openRecommender(snapshot, { inMemory: true }));
    const known = await recommender.users(options);
    const list = options.all ? undefined : await readUserList(options, known, context);
    const { json = JSON.stringify } = options;
    const write = async (users: KnownUsers, isWanted?: (source: RankingsSource) => boolean) => {
      const rows = list?.rows ?? users.everyone();
      const subjects = list?.idsOf(users) ?? (rows === undefined ? users.ids() : idsOfRows(rows, users));
      return closing(await open({ recommender, users, subjects, format, json }, context), async (answers) => {
        const { encoder, subjectsAtOnce, blocksAhead, identity } = answers;
        const source: RankingsSource = {
          ...{ snapshot: snapshot.id, format, encoder, subjectsAtOnce, blocksAhead, mark: users.mark },
          ...{ numSubjects: subjects.length, phase: 'recommending', unit: 'users' },
          ids: (from, to) => subjects.read(from, to),
          rank: (from, to) => answers.rank(from, rows?.subarray(from, to) ?? rowsBetween(from, to)),
          identity: {
            ...askedIdentity(operation, options, ['recipe', 'k', 'seedItems', 'shown', 'page', 'asOf']),
            ...identity,
            users: list === undefined ? 'all' : list.hashOf(users),
          },
        };
        if (isWanted?.(source) === false) return undefined;
        const written = await writeRankings(source, options, context);
        answers.tell();
        return { written };
      });
    };
    const before = interrupted && (await recommender.openUsers().asOf(interrupted.mark, options));
    const { written } = (before && (await write(before, interrupted.isOf))) ?? (await write(known)) ?? {};
    if (written === undefined) return undefined;
    const { subjects: numUsers, ...rest } = written;
    return { ...rest, users: numUsers, repeated: list?.repeated ?? 0, unknown: list?.unknown ?? 0 };
  });
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
    requireOneModel(recommender.snapshot, options.kind);
    const { vectors } = recommender.kind(options.kind).files;
    const search = searchBySpark(recommender.snapshot, vectors, subjects.length, options, context);
    return answersByScore(asked, { ...options, k, ...search }, context);
  };
}

/** AppError 'bad-usage' where items are scored by a blend: Spark searches vectors. */
function requireOneModel({ id, manifest }: OpenSnapshot, kind: string): void {
  if (manifest.model.blend === undefined || kind !== trainedKind) return;
  throw new AppError(
    'bad-usage',
    `snapshot ${id} is of the model ${manifest.model.name}: \`engine\` spark searches vectors, which make a part of its scores`,
    { suggestions: ['leave `engine` out, or give `engine` local'], details: { model: manifest.model.name } },
  );
}

function requireUsers({ all, usersFrom, users }: RecommendAllOptions): void {
  if (all || usersFrom !== undefined || users.length > 0) return;
  throw new AppError('bad-usage', 'no user is named', {
    suggestions: ['`all` for everyone', '`usersFrom` FILE for a list', 'or name a USER of the snapshot'],
  });
}

function rowsBetween(from: number, to: number): Uint32Array {
  return Uint32Array.from({ length: to - from }, (_, at) => from + at);
}
