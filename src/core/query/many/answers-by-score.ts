/** Answers for many by the model's score: of the users' vectors a block at a time, on all threads. */
import type { TaskContext } from '../../contracts.js';
import { sha256Hex } from '../../files/sha256.js';
import { recommendResult, type RecommendLimits } from '../open-recommender.js';
import { tableOfAnswers, type AnswersForUsers, type AskedForUsers } from './answers-for-users.js';
import { openRankingEncoder } from './ranking-files.js';
import type { RowsOptions } from './score-blocks.js';
import { subjectsAtOnceOf } from './write-rankings.js';

/** Close them before the recommender. Errors as `recommend`, for a single user. */
export async function answersByScore(
  asked: AskedForUsers,
  options: RecommendLimits & Omit<RowsOptions, 'mostUsers'> & Pick<AnswersForUsers, 'blocksAhead'>,
  context: TaskContext,
): Promise<AnswersForUsers> {
  const { recommender, users, subjects, format, json } = asked;
  const catalogue = recommender.catalogue();
  const question = await recommender.prepare(options, context);
  const { kind, limits, selection } = question;
  const { k, excluded, among } = limits;
  const subjectsAtOnce = subjectsAtOnceOf(Math.min(k, kind.numRows));
  /** Places of users who get what is popular. */
  const popular = new Set<number>();
  const empty = { user: '', recommendations: [], filtered: selection.filtered };
  const byScore = recommendResult(kind, empty);
  const byPopularity = recommendResult(kind, { ...empty, popular });
  const encoder = await openRankingEncoder(format, tableOfAnswers(asked, kind, limits, options), {
    ...{ subject: 'user', list: 'recommendations', json },
    documentOf: (place) => (popular.has(place) ? byPopularity : byScore),
    record: (row) => catalogue.record(kind.name, row),
  });
  const mostUsers = Math.min(subjectsAtOnce, Math.max(1, subjects.length));
  const ranker = await question.forRows(users, {
    mostUsers,
    threads: options.threads,
    openSearch: options.openSearch,
  });
  return {
    encoder,
    subjectsAtOnce,
    blocksAhead: options.blocksAhead,
    identity: {
      ...{ k, excluded: [...excluded] },
      among: among === undefined ? null : sha256Hex(among.bits),
    },
    async rank(from, rows) {
      const { ranked, blank } = await ranker.rank(rows);
      for (const q of blank) popular.add(from + q);
      return ranked;
    },
    tell() {
      if (popular.size === 0) return;
      const message = `users without known likes: ${popular.size}. They get the popularity fallback: the ${kind.name}s with the most events, and that number as the score`;
      context.onProgress({ kind: 'warning', message });
    },
    close: () => ranker.close(),
  };
}
