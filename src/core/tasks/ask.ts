/** One query, or several of a kind, of a snapshot that is opened for them. */
import { keeping } from '../closers.js';
import type { TaskContext } from '../contracts.js';
import type { onSnapshot } from '../options/operation-parts.js';
import type { Asked } from '../options/option.js';
import { OpenParts } from '../query/open-parts.js';
import { queryOf, type Answer, type AskedQuery, type QueryName } from '../query/queries.js';
import { openForReading } from '../snapshot/open-snapshot.js';

export type { AudienceResult, ListenerOfItem } from '../query/audience.js';
export type { Explanation, Reason } from '../query/explain-recommendations.js';
export type { ListedItem, ListItemsResult, ShownItem } from '../query/item-lists.js';
export type { ListenerFacts, NearItem, NearUser } from '../query/listener/listener.js';
export type { SimilarItem, SimilarResult } from '../query/open-neighbours.js';
export type { Recommendation, RecommendResult } from '../query/open-recommender.js';
export type { Ingredient, NamedItem, PassedOverItem } from '../query/recipes/ingredients.js';
export type { RecipeItem, RecipeResult, RecipeRow } from '../query/recipes/recipe-run.js';
export type { ListedUser, ListUsersResult } from '../query/user-lists.js';
export type { WhyNot } from '../query/why-not.js';

type OnSnapshot = Asked<typeof onSnapshot>;

/** AppErrors: of the query, and of opening a snapshot. */
export async function askOnce<Name extends QueryName>(
  name: Name,
  asked: AskedQuery<Name> & OnSnapshot,
  context: TaskContext,
): Promise<Answer<Name>> {
  const [answer] = await askEach(name, asked, [asked], context);
  return answer!;
}

/** The same of a name, as a command runs it. */
export function askingOnce<Name extends QueryName>(
  name: Name,
): (asked: AskedQuery<Name> & OnSnapshot, context: TaskContext) => Promise<Answer<Name>> {
  return (asked, context) => askOnce(name, asked, context);
}

/** The answers in the order of the queries, one after the other. */
export async function askEach<Name extends QueryName>(
  name: Name,
  { root, snapshot: reference, as }: OnSnapshot,
  questions: readonly AskedQuery<Name>[],
  context: TaskContext,
): Promise<Answer<Name>[]> {
  const { prepare, answer } = queryOf(name);
  const areMany = await Promise.all(questions.map(async (question) => prepare?.(question, root)));
  const inMemory = questions.length > 1 || areMany.includes(true);
  return keeping(async (opened) => {
    const snapshot = opened.keep(await openForReading(root, reference, context, as));
    const open = opened.keep(new OpenParts(root, snapshot, { inMemory }));
    const answers: Answer<Name>[] = [];
    for (const question of questions) answers.push(await answer(open, question, context));
    return answers;
  });
}
