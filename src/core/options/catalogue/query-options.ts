/** What is asked of a snapshot. */
import {
  flag,
  listOf,
  noTexts,
  number,
  off,
  or,
  text,
  texts,
  typedText,
  wholeNumber,
  type OptionKind,
} from '../kinds.js';
import { file, inGroups, item, reference, user } from '../option.js';

const [query, weight, filter, recipe, batch] = inGroups('QUERY', 'WEIGHT', 'FILTER', 'RECIPE', 'BATCH');

const ranks = { min: 1, max: 1_000_000 };
const kinds = ['item', 'artist', 'album'];
const nonZero: OptionKind<number> = {
  ...number({}),
  accepts: (value) => number({}).accepts(value) && value !== 0,
};

export const queryOptions = {
  snapshot: query(text, 'snapshot to read: id, unique prefix, tag, current, previous or latest', {
    ...reference,
    usually: 'current',
  }),
  as: query(text, 'name of the model to read, if the snapshot is a bundle of several', {
    value: 'NAME',
    usually: "the bundle's first",
  }),

  // How much of it.
  k: query(or(wholeNumber(ranks), 10), 'number of results', { letter: 'k', example: 5 }),
  kind: query(or(text, 'item'), 'kind of entity: item, artist or album', { value: 'KIND', completes: kinds }),
  exact: query(off, 'compare with every item, even where an index would be faster'),
  // docs/reference/neighbours.md has what other numbers come to.
  minEvents: query(
    or(wholeNumber({ min: 0, max: 1_000_000 }), 5),
    'minimum number of events of a neighbour (by audience, of a user); 0 keeps all',
  ),
  maxPerArtist: query(wholeNumber(ranks), 'maximum number of results by one artist', { usually: 'no limit' }),

  // Of what.
  item: query(text, 'item, by id or name; also artist:… and album:…', { ...item, example: 'Plush' }),
  items: query(noTexts, 'items to find neighbours of, by id or name; also artist:… and album:…', {
    ...item,
    parameter: 'item',
    example: 'Plush',
  }),
  minus: query(noTexts, 'item to subtract from the sum of the others', item),
  weights: query(
    listOf(nonZero, 'numbers other than 0'),
    'weight of each ITEM in order, then of each `minus`, then of `vector`',
    { usually: '1 each' },
  ),
  vector: query(
    text,
    'file with a vector: the output of segue user-vector --json, a JSON array, or a .npy of one row (- is stdin)',
    file,
  ),
  words: query(noTexts, 'words to search for in names, artists and ids', 'WORD'),
  browse: query(off, 'walk through the neighbours in the terminal'),

  // Of whom.
  user: query(text, 'id of a user', { ...user, example: 'KGLK/2014-06-16' }),
  users: query(noTexts, 'users of the snapshot, by id', user),
  prefix: query(typedText, 'how the ids begin', { value: 'PREFIX', completes: 'users', example: 'KGLK' }),
  like: query(noTexts, 'item that a new user likes', item),
  dislike: query(noTexts, 'item that a new user dislikes', item),
  includeHeard: query(off, 'also recommend seen items (those in the user’s history)'),
  for: query(text, 'user whose bans and dislikes are left out; by similar, seen items too', user),
  feedback: query(
    or(flag, true),
    'whether the ledger of feedback is obeyed: bans, likes and plays (docs/feedback.md)',
    { off: 'answer as if there were no ledger of feedback (docs/feedback.md)' },
  ),
  skipWeight: weight(
    or(number({ min: 0, max: 1000 }), 0),
    'how much each skip in the ledger takes from the plays of its item',
  ),

  // And why.
  explain: query(
    off,
    'show which items of the user’s history, dislikes included, made each score; with `recipe`, which parts ' +
      'of the recipe',
  ),
  reasons: query(
    or(wholeNumber({ min: 0, max: 1000 }), 3),
    'number of history items that `explain` names per result; the rest are summed',
  ),
  whyNot: query(texts, 'item for which to explain why it is not recommended, or give its rank', item),
  /** Of each list of the facts of a user: there are many. */
  facts: query(or(wholeNumber(ranks), 5), 'number of results', { letter: 'k' }),

  // Which items an answer may hold.
  where: filter(
    text,
    'only items that match, such as \'released >= 1975 and artist != "Eagles"\' (docs/filters.md)',
    { value: 'PREDICATE', completes: 'columns', example: 'released >= 1990' },
  ),
  only: filter(text, 'only the items listed in a file, one id or name per line (- is stdin)', file),
  exclude: filter(texts, 'item to leave out', item),
  excludeFrom: filter(
    text,
    'leave out the items listed in a file, one id or name per line (- is stdin)',
    file,
  ),
  skipUnknown: filter(
    flag,
    'skip and count what `exclude` or a line of a file names and is not known, instead of stopping',
  ),

  // By a recipe.
  recipe: recipe(text, 'recommend by a recipe: a name that recipe list prints, or a file (docs/recipes.md)', {
    value: 'NAME|FILE',
    completes: 'recipes',
  }),
  seedItems: recipe(noTexts, 'item that a recipe such as radio starts from', {
    ...item,
    flag: 'seed-item',
  }),
  page: recipe(wholeNumber(ranks), 'which page of -k items: none has an item of another'),
  shown: recipe(texts, 'item that was shown before, and counts what the recipe says', 'ITEM'),
  fallback: recipe(
    text,
    'recipe that answers for a user whom nobody knows, or who was forgotten',
    'NAME|FILE',
  ),

  // For many.
  all: batch(off, 'answer for all of them'),
  usersFrom: batch(text, 'file of the users to recommend to, one id per line (- is stdin)', file),
};
