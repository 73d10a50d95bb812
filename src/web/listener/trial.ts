import type { Asked } from '../../client/client.js';
import type { Recommendations } from '../api/answers.js';
import { query, referenceTo, type Query } from '../api/queries.js';

/** What someone tries on a list of recommendations: it is a part of the address, and nothing of it is kept. */
export interface Trial {
  readonly like: readonly string[];
  readonly dislike: readonly string[];
  /** Left out, whatever else is said. */
  readonly ban: readonly string[];
  /** Items that a recipe begins from. */
  readonly seeds: readonly string[];
  /** How the list is made; undefined: by the model's scores. */
  readonly recipe: string | undefined;
}

export const opinions = ['like', 'dislike', 'ban'] as const;
export type Opinion = (typeof opinions)[number];

export const noTrial: Trial = { like: [], dislike: [], ban: [], seeds: [], recipe: undefined };

/** With an opinion of an item in place of what was said of it before. */
export function withOpinion(trial: Trial, opinion: Opinion, id: string): Trial {
  const without = withoutItem(trial, id);
  return { ...without, [opinion]: [...without[opinion], id] };
}

/** Without what was said of an item. A seed of it stays. */
export function withoutItem(trial: Trial, id: string): Trial {
  const others = (ids: readonly string[]): readonly string[] => ids.filter((each) => each !== id);
  return { ...trial, like: others(trial.like), dislike: others(trial.dislike), ban: others(trial.ban) };
}

export function withSeed(trial: Trial, id: string): Trial {
  return trial.seeds.includes(id) ? trial : { ...trial, seeds: [...trial.seeds, id] };
}

export function withoutSeed(trial: Trial, id: string): Trial {
  return { ...trial, seeds: trial.seeds.filter((each) => each !== id) };
}

export function opinionOf(trial: Trial, id: string): Opinion | undefined {
  return opinions.find((opinion) => trial[opinion].includes(id));
}

export function numOpinions({ like, dislike, ban }: Trial): number {
  return like.length + dislike.length + ban.length;
}

/** @param user null: someone new, or whom a recipe needs to know nothing of */
export function recommendations(
  user: string | null,
  { like, dislike, ban, seeds, recipe }: Trial,
  { k, snapshot }: { readonly k: number; readonly snapshot: string | undefined },
): Query<Recommendations> {
  const exactly = (ids: readonly string[]): string[] => ids.map((id) => referenceTo('item', id));
  const asked = {
    like: exactly(like),
    dislike: exactly(dislike),
    exclude: exactly(ban),
    seedItem: exactly(seeds),
    recipe,
    k,
    explain: true,
    snapshot,
  };
  if (user === null) return query('recommend', asked);
  // The page says that nobody knows a user, and shows no fallback as theirs.
  return query('recommendToUser', { ...asked, user, strict: true });
}

/** What the ledger keeps of it: an entry for each opinion. */
export function entriesOf(trial: Trial, user: string): Asked<'feedback'>['feedback'] {
  return opinions.flatMap((type) => trial[type].map((id) => ({ user, item: referenceTo('item', id), type })));
}
