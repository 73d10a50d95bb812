/** Whether a recipe can be made of a snapshot, and for a listener: every lack with the line and the key that has it. */
import type { Pairs } from '../../contracts.js';
import { keyNeeding } from './parts.js';
import type { Recipe } from './recipe.js';
import type { OpenSnapshot } from '../../snapshot/open-snapshot.js';
import { scorerOf, trainWithVectors } from '../../snapshot/scorer.js';
import { isLiked } from './sources.js';

/** Whether a recipe compares items. AppError 'missing-part' where it does and the model has no neighbours. */
export function comparesItems(snapshot: OpenSnapshot, recipe: Recipe): boolean {
  const key = keyNeeding(recipe, 'neighbours');
  if (key === undefined) return false;
  if (scorerOf(snapshot) !== 'constant') return true;
  const { name } = snapshot.manifest.model;
  throw recipe.places.error(
    key,
    'missing-part',
    `it compares items, and the model ${name} of snapshot ${snapshot.id} scores every item by itself`,
    {
      suggestions: [trainWithVectors, 'segue recommend --recipe popular, which compares none'],
      details: { snapshot: snapshot.id, model: name },
    },
  );
}

/** AppError 'bad-usage' where the recipe reads a history and no user is named. */
export function requireNobody(recipe: Recipe): void {
  const key = keyNeeding(recipe, 'likes');
  if (key === undefined) return;
  throw recipe.places.error(key, 'bad-usage', 'it reads a history, and no user is named', {
    suggestions: [
      'name a USER of the snapshot, or say what a new user likes: `like` "Hotel California"',
      'segue recommend --recipe popular is for a user without a history',
    ],
  });
}

/** The key that reads a history, where this one holds nothing liked: nothing can be made of it. */
export function keyWithoutLikes(recipe: Recipe, history: Pairs): string | undefined {
  if (history.item.some((_, p) => isLiked(history, p))) return undefined;
  return keyNeeding(recipe, history.vector === undefined ? 'likes' : 'history');
}

/** AppError 'bad-usage' where the recipe reads a history that holds nothing liked. */
export function requireLiked(recipe: Recipe, user: string | null, history: Pairs): void {
  const isImported = history.vector !== undefined;
  const key = keyWithoutLikes(recipe, history);
  if (key === undefined) return;
  const who = user === null ? 'a new user' : `the user ${JSON.stringify(user)}`;
  const why =
    history.item.length === 0 ? `there is no history of ${who}` : `${who} has only dislikes and bans`;
  throw recipe.places.error(key, 'bad-usage', `it reads a history, and ${why}`, {
    suggestions: isImported
      ? ['segue import --events, which brings their histories', 'a recipe whose only source is user']
      : ['say what they like: `like` ITEM', 'segue recommend --recipe popular'],
    details: { user },
  });
}
