/** What users did or said, and events that are followed, or added, one by one. */
import { choice, flag, number, or, text, texts, wholeNumber } from '../kinds.js';
import { option } from '../option.js';

export const feedbackOptions = {
  type: option(choice('play', 'like', 'dislike', 'skip', 'ban', 'unban'), {
    about: 'what the user did or said',
    group: 'EVENT',
  }),
  scope: option(choice('item', 'artist', 'album'), {
    about: 'what it is about: the item alone, or all items of its artist or album',
    group: 'EVENT',
    usually: 'item, or what ITEM names',
  }),
  weight: option(text, { about: 'how much it counts', group: 'EVENT', value: 'N', usually: '1' }),
  time: option(text, {
    about: 'when it happened: ISO 8601, or unix seconds or milliseconds',
    group: 'EVENT',
    value: 'TIME',
    usually: 'now',
  }),
  source: option(text, {
    about: 'where it was said, such as radio or discover',
    group: 'EVENT',
    value: 'NAME',
  }),
  id: option(text, {
    about: 'id of the entry: the same id of the same user is added once, and with other content refused',
    group: 'EVENT',
    value: 'ID',
    usually: 'a random one',
  }),
  answeredBy: option(text, {
    about: 'id of the snapshot whose answer the user reacted to',
    group: 'EVENT',
    value: 'ID',
  }),
  answeredRecipe: option(text, { about: 'the recipe of that answer', group: 'EVENT', value: 'NAME' }),
  answeredRank: option(wholeNumber({ min: 1, max: 1_000_000 }), {
    about: 'the place of the item in that answer, from 1',
    group: 'EVENT',
  }),
  answered: option(or(flag, false), {
    about: 'only reactions to an answer, with its snapshot, recipe and rank: to count, not to train on',
    group: 'EVENT',
  }),
  entry: option(text, { about: 'id of an entry of feedback', group: 'EVENT', value: 'ID' }),
  files: option(texts, { about: 'files of feedback, or - for stdin', group: 'INPUT', value: 'FILE' }),
  feedbackFormat: option(choice('csv', 'jsonl', 'parquet'), {
    about: 'how events are written',
    group: 'OUTPUT',
    usually: 'by the name of `out`, else csv',
    variable: 'FEEDBACK_FORMAT',
  }),
  unfinished: option(or(flag, false), {
    about: 'also remove what interrupted trainings left to go on from, which may hold the user',
    group: 'RUN',
  }),

  // Following.
  follow: option(text, {
    about:
      'file of events as JSON Lines that is followed as it grows, through its rotation; - is stdin. A line a user out',
    group: 'INPUT',
    value: 'FILE',
  }),
  addEvents: option(text, {
    about: 'file of events, in any format of train, to add to `state`; one that was added before is refused',
    group: 'INPUT',
    value: 'FILE',
  }),
  state: option(text, {
    about: 'directory in which a follower keeps events, and how far they were read',
    group: 'INPUT',
    value: 'DIR',
  }),
  states: option(or(texts, []), {
    about: 'directory in which a follower keeps events, and how far they were read',
    group: 'INPUT',
    flag: 'state',
    value: 'DIR',
  }),
  stream: option(text, {
    about: 'what stdin is called: its positions are kept by that',
    group: 'INPUT',
    value: 'NAME',
  }),
  once: option(or(flag, false), {
    about: 'read FILE as it is now, in any format of train, and end',
    group: 'INPUT',
  }),
  dedupeFor: option(text, {
    about: 'how long an event is known again by its id; older events become dead letters',
    group: 'INPUT',
    value: 'AGE',
    usually: '30d',
  }),
  since: option(text, {
    about: 'only what was played or liked since: an age such as 7d, or a time',
    group: 'WEIGHT',
    value: 'AGE',
    usually: 'all; 7d for the recent part of `blend`',
  }),
  blend: option(text, {
    about: 'mix the vectors of everything and of what is recent: lifetime=0.7,recent=0.3',
    group: 'WEIGHT',
    value: 'SHARES',
    usually: 'everything',
  }),
  itemCap: option(number({ min: 1e-9, max: 9e9 }), {
    about: 'most that the plays of one item weigh together',
    group: 'WEIGHT',
    usually: 'as in training',
  }),
  every: option(text, {
    about: 'events of so long make one group: a fsync, and one line a user',
    group: 'RUN',
    value: 'TIME',
    usually: '100ms',
  }),
  maxLag: option(text, {
    about: 'warn where lines come later than this after their events were read',
    group: 'RUN',
    value: 'TIME',
    usually: 'never',
  }),
};
