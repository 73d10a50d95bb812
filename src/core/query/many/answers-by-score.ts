/** Answers for many by the model's score: of the users' vectors a block at a time, on all threads. */
import type { TaskContext } from '../../contracts.js';
import { sha256Hex } from '../../files/sha256.js';
import type { Kind } from '../../snapshot/kinds.js';
import { trainedKind } from '../../snapshot/layout.js';
import type { Catalogue } from '../../store/catalogue.js';
import type { Filtered } from '../filters/selection.js';
import type { RecommendLimits } from '../open-recommender.js';
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
  const { snapshot } = recommender;
  const catalogue = recommender.catalogue();
  const question = await recommender.prepare(options, context);
  const { kind, limits, selection } = question;
  const { k, excluded, among } = limits;
  const subjectsAtOnce = subjectsAtOnceOf(Math.min(k, kind.numRows));
  /** Places of users who get what is popular. */
  const popular = new Set<number>();
  const encoder = await openRankingEncoder(
    format,
    tableOfAnswers(asked, kind, limits, options),
    documents(snapshot.id, kind.name, catalogue, { popular, filtered: selection.filtered }, json),
  );
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

function documents(
  snapshot: string,
  kind: Kind,
  catalogue: Catalogue,
  { popular, filtered }: { readonly popular: ReadonlySet<number>; readonly filtered: Filtered | undefined },
  json: (value: unknown) => string,
): Parameters<typeof openRankingEncoder>[2] {
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
