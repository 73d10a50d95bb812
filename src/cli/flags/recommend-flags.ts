/** The flags of `recommend`, together. */
import { engineFlags } from './engine-flags.js';
import { filterFlags } from './filter-flags.js';
import { flagsNamed } from './flags.js';
import { recommendationListFlags } from './ranking-flags.js';
import { fallbackFlag, recipeFlags } from './recipe-flags.js';

/** Those that every way to recommend takes. */
export const recommendationFlags = {
  ...flagsNamed('k', 'like', 'dislike', 'include-heard', 'kind', 'vector', 'max-per-artist'),
  ...filterFlags,
  ...fallbackFlag(),
  ...flagsNamed('explain', 'reasons', 'why-not', 'no-feedback', 'skip-weight', 'snapshot', 'as'),
  // Of those in bulk.
  ...engineFlags,
};

export const recommendFlags = {
  ...recommendationFlags,
  ...recipeFlags,
  ...recommendationListFlags,
};
