import { AppError } from '../../errors.js';
import type { UserFold } from './user-fold.js';

/** The same fold, except that users whose vectors were imported keep them. */
export function withImportedVectors(fold: UserFold): UserFold {
  return {
    ...fold,
    one: (history, itemVectors) =>
      history.vector === undefined
        ? fold.one(history, itemVectors)
        : { vector: history.vector.slice(), converged: true },
    parts(history, ...asked) {
      if (history.vector === undefined) return fold.parts(history, ...asked);
      throw new AppError(
        'missing-part',
        "this user's vector was imported without the history it was made from, so its scores cannot be explained",
        { suggestions: ['leave `explain` out'] },
      );
    },
  };
}
