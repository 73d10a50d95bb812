/** What a user did or said, and where. */
import { optionValues } from '../../core/options/values.js';
import {
  choice,
  inGroup,
  needed,
  several,
  text,
  toggle,
  wholeNumber,
  withEnvironment,
} from './flag-kinds.js';
import { stateFlag } from './follow-flags.js';

const source = {
  source: text({ description: 'where it was said, such as radio or discover', helpValue: 'NAME' }),
};

/** Of a single entry. */
export const entryFlags = inGroup(
  'EVENT',
  withEnvironment({
    type: needed(choice(optionValues.feedbackType.choices, { description: 'what the user did or said' })),
    scope: choice(optionValues.feedbackScope.choices, {
      description: 'what it is about: the item alone, or all items of its artist or album',
      defaultText: 'item, or what ITEM names',
    }),
    weight: text({ description: 'how much it counts', defaultText: '1', helpValue: 'N' }),
    time: text({
      description: 'when it happened: ISO 8601, or unix seconds or milliseconds',
      defaultText: 'now',
      helpValue: 'TIME',
    }),
    ...source,
    id: text({
      description:
        'id of the entry: the same id of the same user is added once, and with other content refused',
      defaultText: 'a random one',
      helpValue: 'ID',
    }),
    'answered-by': text({
      description: 'id of the snapshot whose answer the user reacted to',
      helpValue: 'ID',
    }),
    'answered-recipe': text({
      description: 'the recipe of that answer',
      helpValue: 'NAME',
      dependsOn: ['answered-by'],
    }),
    'answered-rank': wholeNumber({
      description: 'the place of the item in that answer, from 1',
      ...optionValues.answeredRank,
      dependsOn: ['answered-by'],
    }),
  }),
);

/** Of the rows of a file that have none of their own. */
export const sourceFlag = inGroup('EVENT', withEnvironment(source));

/** Where else a user is forgotten than in the ledger. */
export const forgetFlags = {
  state: several(stateFlag.state),
  ...inGroup(
    'RUN',
    withEnvironment({
      unfinished: toggle({
        description: 'also remove what interrupted trainings left to go on from, which may hold the user',
      }),
    }),
  ),
};

export const answeredFlag = inGroup(
  'EVENT',
  withEnvironment({
    answered: toggle({
      description:
        'only reactions to an answer, with its snapshot, recipe and rank: to count, not to train on',
    }),
  }),
);

export const feedbackFormatFlag = inGroup(
  'OUTPUT',
  withEnvironment({
    format: choice(optionValues.feedbackFormat.choices, {
      description: 'how events are written',
      defaultText: 'by the name of --out, else csv',
    }),
  }),
);
feedbackFormatFlag.format.env = 'SEGUE_FEEDBACK_FORMAT';
