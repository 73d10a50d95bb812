/** The flags of `similar`, together. */
import { engineFlags } from './engine-flags.js';
import { filterFlags } from './filter-flags.js';
import { flagsNamed } from './flags.js';
import { neighbourListFlags } from './ranking-flags.js';

/** Those of one answer. */
export const similarQuestionFlags = {
  ...flagsNamed('k', 'minus', 'weights', 'vector', 'kind', 'max-per-artist', 'exact', 'for', 'include-heard'),
  ...flagsNamed('min-events', 'no-feedback', 'browse', 'snapshot', 'as'),
  ...filterFlags,
};

export const similarFlags = { ...similarQuestionFlags, ...neighbourListFlags, ...engineFlags };
