/** What is asked of a snapshot, and about whom or what. */
import { optionValues } from '../../core/options/values.js';
import {
  decimal,
  decimals,
  inGroup,
  named,
  text,
  texts,
  toggle,
  wholeNumber,
  withEnvironment,
} from './flag-kinds.js';

const ownFlags = withEnvironment({
  k: wholeNumber({ char: 'k', description: 'number of results', ...optionValues.k }),
  exact: toggle({ description: 'compare with every item, even where an index would be faster' }),
  browse: toggle({ description: 'walk through the neighbours in the terminal', exclusive: ['json'] }),
  like: texts({ description: 'item that a new user likes (repeatable)', helpValue: 'ITEM' }),
  dislike: texts({ description: 'item that a new user dislikes (repeatable)', helpValue: 'ITEM' }),
  'include-heard': toggle({ description: 'also recommend seen items (those in the user’s history)' }),
  for: text({
    description: 'user whose bans and dislikes are left out; by similar, seen items too',
    helpValue: 'USER',
  }),
  'no-feedback': toggle({ description: 'answer as if there were no ledger of feedback (docs/feedback.md)' }),
  'skip-weight': decimal({
    description: 'how much each skip in the ledger takes from the plays of its item',
    ...optionValues.skipWeight,
  }),
  explain: toggle({
    description:
      'show which items of the user’s history, dislikes included, made each score; with --recipe, which parts ' +
      'of the recipe',
  }),
  reasons: wholeNumber({
    description: 'number of history items that --explain names per result; the rest are summed',
    ...optionValues.reasons,
  }),
  'why-not': texts({
    description: 'item for which to explain why it is not recommended, or give its rank (repeatable)',
    helpValue: 'ITEM',
  }),
  minus: texts({
    description: 'item to subtract from the sum of the others (repeatable)',
    helpValue: 'ITEM',
  }),
  kind: text({
    description: 'kind of entity: item, artist or album',
    helpValue: 'KIND',
    ...optionValues.kind,
  }),
  weights: decimals({
    description: 'weight of each ITEM in order, then of each --minus, then of --vector',
    defaultText: '1 each',
  }),
  vector: text({
    description:
      'file with a vector: the output of user-vector --json, a JSON array, or a .npy of one row (- is stdin)',
    helpValue: 'FILE',
  }),
  'min-events': wholeNumber({
    description: 'minimum number of events of a neighbour (by audience, of a user); 0 keeps all',
    ...optionValues.minEvents,
  }),
  'max-per-artist': wholeNumber({
    description: 'maximum number of results by one artist',
    defaultText: 'no limit',
    ...optionValues.maxPerArtist,
  }),
  events: text({
    description:
      'file of events that become the histories of the users in it, replacing any they have (- is stdin)',
    helpValue: 'FILE',
  }),
  'half-life': text({
    description: 'age at which an event counts half as much, such as 30d or 12h',
    defaultText: 'the one the model was trained with, else events do not age',
    helpValue: 'AGE',
  }),
  'as-of': text({
    description: 'time from which ages are counted, ISO 8601',
    defaultText: 'time of the latest event',
    helpValue: 'TIME',
  }),
});

export const questionFlags = {
  ...inGroup('QUERY', ownFlags),
  ...inGroup('INPUT', named(ownFlags, 'events')),
  ...inGroup('WEIGHT', named(ownFlags, 'half-life', 'as-of')),
};
