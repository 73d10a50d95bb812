/** How events, and tables of items, are read, which events count, and what they weigh; feedback; vectors of other programs. */
import { choice, flag, noTexts, number, off, or, text, texts, wholeNumber } from '../kinds.js';
import { file, inGroups } from '../option.js';

const [input, format, event, weight, output] = inGroups('INPUT', 'FORMAT', 'EVENT', 'WEIGHT', 'OUTPUT');
const [run, vector, query] = inGroups('RUN', 'VECTOR', 'QUERY');

/** How the text of events and items is written. */
export const textOptions = {
  columns: input(
    text,
    'which column is which, by name or position, such as user=listener,item=track,time=at; also weight and ' +
      'type; item=artist+track joins two columns into an id',
    'MAP',
  ),
  delimiter: format(text, "column separator of text files: ';', '|', '::', tab or any other text", {
    value: 'TEXT',
    usually: 'as the first lines show, else comma',
  }),
  quote: format(text, 'quote character of text files, or none', {
    value: 'CHAR',
    usually: 'double quote; none in tab-separated files',
  }),
  decimalComma: format(flag, 'weights in text files are written 0,5 instead of 0.5'),
  noHeader: format(flag, 'the first line of every file is data, even if it looks like column names'),
  encoding: format(
    text,
    'encoding of text files, such as latin1, windows-1252, macintosh, utf-16 or shift_jis',
    { value: 'NAME', usually: 'utf-8' },
  ),
  filter: input(text, 'leave out rows that do not match, such as "ms_played >= 30000"; docs/filters.md', {
    value: 'PREDICATE',
  }),
  types: format(text, 'what the types of a file mean, such as like=addtocart,transaction', 'MAP'),
  sql: format(
    text,
    'read the rows of this SELECT over the files, which are called events1, events2 … in it',
    {
      value: 'SELECT',
    },
  ),
};

/** How a table of items is written, where that is otherwise. */
export const itemTextOptions = {
  itemColumns: input(
    text,
    'which column of `items` is which, and new names for others, such as id=1,name=title,artist=3',
    'MAP',
  ),
  itemDelimiter: format(text, 'column separator of `items`', {
    value: 'TEXT',
    usually: 'same as `delimiter`',
  }),
  itemHeader: format(choice('yes', 'no'), 'whether the first line of `items` names its columns', {
    usually: 'yes; no with `noHeader`',
  }),
  itemEncoding: format(text, 'encoding of `items`', { value: 'NAME', usually: 'same as `encoding`' }),
};

export const eventOptions = {
  ...textOptions,
  ...itemTextOptions,
  eventFormat: format(
    or(text, 'auto'),
    'what the events are: auto, lightgcn (a user and then their items on each line), or a profile such as ' +
      'spotify-account or wide, or a YAML file of your own',
    { value: 'NAME|FILE' },
  ),
  skipBadRows: input(off, 'skip and count rows that cannot be read, instead of stopping'),
  events: input(texts, 'files of events, folders, archives, globs, or - for stdin', file),
  /** In place of the histories that a snapshot has. */
  historiesFrom: input(
    text,
    'file of events that become the histories of the users in it, replacing any they have (- is stdin)',
    file,
  ),
  itemTable: input(text, 'table of items: id, name, artist, album, released, kind …', file),

  minWeight: event(
    number({ min: 0, max: 1e9 }),
    'leave out plays and likes with a lower weight, such as ratings below 4',
  ),
  minUserItems: event(or(wholeNumber({ min: 1 }), 1), 'leave out users with fewer distinct items'),
  minItemUsers: event(or(wholeNumber({ min: 1 }), 1), 'leave out items with fewer distinct users'),
  minimumsOnce: event(
    off,
    'apply the two minimums once, items first, instead of repeating until both hold (Liang et al. 2018)',
    { flag: 'min-once' },
  ),

  halfLife: weight(text, 'age at which an event counts half as much, such as 30d or 12h', {
    value: 'AGE',
    usually: 'the one the model was trained with, else events do not age',
  }),
  asOf: weight(text, 'time from which ages are counted, ISO 8601', {
    value: 'TIME',
    usually: 'time of the latest event',
  }),
};

/** What users did or said, and events that are followed, or added, one by one. */
export const feedbackOptions = {
  type: event(choice('play', 'like', 'dislike', 'skip', 'ban', 'unban'), 'what the user did or said'),
  scope: event(
    choice('item', 'artist', 'album'),
    'what it is about: the item alone, or all items of its artist or album',
    { usually: 'item, or what ITEM names' },
  ),
  weight: event(text, 'how much it counts', { value: 'N', usually: '1' }),
  time: event(text, 'when it happened: ISO 8601, or unix seconds or milliseconds', {
    value: 'TIME',
    usually: 'now',
  }),
  source: event(text, 'where it was said, such as radio or discover', 'NAME'),
  id: event(
    text,
    'id of the entry: the same id of the same user is added once, and with other content refused',
    { value: 'ID', usually: 'a random one' },
  ),
  answeredBy: event(text, 'id of the snapshot whose answer the user reacted to', 'ID'),
  answeredRecipe: event(text, 'the recipe of that answer', 'NAME'),
  answeredRank: event(
    wholeNumber({ min: 1, max: 1_000_000 }),
    'the place of the item in that answer, from 1',
  ),
  answered: event(
    off,
    'only reactions to an answer, with its snapshot, recipe and rank: to count, not to train on',
  ),
  entry: event(text, 'id of an entry of feedback', 'ID'),
  files: input(texts, 'files of feedback, or - for stdin', 'FILE'),
  feedbackFormat: output(choice('csv', 'jsonl', 'parquet'), 'how events are written', {
    usually: 'by the name of `out`, else csv',
    variable: 'FEEDBACK_FORMAT',
  }),
  unfinished: run(off, 'also remove what interrupted trainings left to go on from, which may hold the user'),

  // Following.
  follow: input(
    text,
    'file of events as JSON Lines that is followed as it grows, through its rotation; - is stdin. A line a user out',
    'FILE',
  ),
  addEvents: input(
    text,
    'file of events, in any format of train, to add to `state`; one that was added before is refused',
    'FILE',
  ),
  state: input(text, 'directory in which a follower keeps events, and how far they were read', 'DIR'),
  states: input(noTexts, 'directory in which a follower keeps events, and how far they were read', {
    flag: 'state',
    value: 'DIR',
  }),
  stream: input(text, 'what stdin is called: its positions are kept by that', 'NAME'),
  once: input(off, 'read FILE as it is now, in any format of train, and end'),
  dedupeFor: input(text, 'how long an event is known again by its id; older events become dead letters', {
    value: 'AGE',
    usually: '30d',
  }),
  since: weight(text, 'only what was played or liked since: an age such as 7d, or a time', {
    value: 'AGE',
    usually: 'all; 7d for the recent part of `blend`',
  }),
  blend: weight(text, 'mix the vectors of everything and of what is recent: lifetime=0.7,recent=0.3', {
    value: 'SHARES',
    usually: 'everything',
  }),
  itemCap: weight(number({ min: 1e-9, max: 9e9 }), 'most that the plays of one item weigh together', {
    usually: 'as in training',
  }),
  every: run(text, 'events of so long make one group: a fsync, and one line a user', {
    value: 'TIME',
    usually: '100ms',
  }),
  maxLag: run(text, 'warn where lines come later than this after their events were read', {
    value: 'TIME',
    usually: 'never',
  }),
};

/** Vectors that come from other programs, and go to them. */
export const vectorOptions = {
  vectorFormat: vector(
    choice('npy', 'parquet', 'arrow', 'csv', 'npz', 'word2vec'),
    'file format of the vectors: npy (ids in a file beside it), parquet, arrow (Feather), csv, npz (vectors ' +
      'and ids) or word2vec text',
    { usually: 'by the file’s extension', variable: 'VECTOR_FORMAT' },
  ),
  what: query(
    or(choice('items', 'users', 'matrix'), 'items'),
    'whose vectors to write; matrix: what items give to each other, of ease, slim and blends',
  ),
  vectors: vector(text, 'file with the vectors of items', 'FILE'),
  ids: vector(text, 'ids of the vectors, in the same order: a text, JSON Lines or .npy file', {
    value: 'FILE',
    usually: 'the ids in the table of vectors',
  }),
  fromColumns: input(text, 'columns that new vectors are made from, such as artist,genre,released', {
    value: 'NAMES',
    usually: 'all that say something of trained items',
  }),
  itemVectors: vector(
    text,
    'vectors of items from elsewhere, such as of their audio, to make new ones from: of trained items and of new ones',
    'FILE',
  ),
  itemIds: vector(text, 'ids of `itemVectors`, in the same order', 'FILE'),
  userVectors: vector(text, 'user vectors, from the same training as the items', 'FILE'),
  userIds: vector(text, 'ids of the user vectors, in the same order', 'FILE'),
  idColumn: vector(text, 'column that holds the ids in a table of vectors', {
    value: 'NAME',
    usually: 'id, item, word …',
  }),
  vectorColumn: vector(text, 'column that holds the vectors in a table', {
    value: 'NAME',
    usually: 'the only column of lists',
  }),
  countColumn: vector(text, 'column that holds the play counts of items', {
    value: 'NAME',
    usually: 'count, if there is one',
  }),
  measure: vector(
    or(choice('inner-product', 'cosine'), 'inner-product'),
    'what the vectors were trained for: inner-product (factorisation: implicit, Spark) or cosine (word2vec, gensim)',
  ),
};
