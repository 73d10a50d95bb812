/** What is asked of a snapshot, and about whom or what. */
import { optionValues } from '../../core/options/values.js';
import { decimals, inGroup, named, text, texts, toggle, wholeNumber, withEnvironment } from './flag-kinds.js';

const ownFlags = withEnvironment({
  k: wholeNumber({ char: 'k', description: 'number of results', ...optionValues.k }),
  exact: toggle({ description: 'compare with every item, even where an index would be faster' }),
  browse: toggle({ description: 'walk through the neighbours in the terminal', exclusive: ['json'] }),
  like: texts({ description: 'item that someone new likes (repeatable)', helpValue: 'ITEM' }),
  dislike: texts({ description: 'item that someone new dislikes (repeatable)', helpValue: 'ITEM' }),
  'include-heard': toggle({ description: 'recommend seen items too: those in the user’s history' }),
  explain: toggle({
    description:
      'say which of the user’s own items (with --recipe: which ingredients) made each score; dislikes too',
  }),
  reasons: wholeNumber({
    description: 'how many of the user’s own items --explain names for each, the others being summed',
    ...optionValues.reasons,
  }),
  'why-not': texts({
    description: 'item to say of why it is not recommended, or at which place it stands (repeatable)',
    helpValue: 'ITEM',
  }),
  minus: texts({
    description: 'item to take away from the sum of the others (repeatable)',
    helpValue: 'ITEM',
  }),
  kind: text({
    description: 'kind to answer with: item, artist or album',
    helpValue: 'KIND',
    ...optionValues.kind,
  }),
  weights: decimals({
    description: 'how much each ITEM counts, in their order, then each --minus, then --vector',
    defaultText: '1 each',
  }),
  vector: text({
    description:
      'file with a vector, as user-vector --json prints it, a JSON array, or a .npy of one row (- is stdin)',
    helpValue: 'FILE',
  }),
  'max-per-artist': wholeNumber({
    description: 'most answers by one artist',
    defaultText: 'no limit',
    ...optionValues.maxPerArtist,
  }),
  events: text({
    description: 'file of events that become, or replace, the histories of the users it names (- is stdin)',
    helpValue: 'FILE',
  }),
  'half-life': text({
    description: 'age at which an event counts half, such as 30d or 12h',
    defaultText: 'events do not age; of a model trained with one: its own',
    helpValue: 'AGE',
  }),
  'as-of': text({
    description: 'moment that ages count from, ISO 8601',
    defaultText: 'the latest event',
    helpValue: 'TIME',
  }),
});

export const questionFlags = {
  ...inGroup('QUERY', ownFlags),
  ...inGroup('INPUT', named(ownFlags, 'events')),
  ...inGroup('WEIGHT', named(ownFlags, 'half-life', 'as-of')),
};
