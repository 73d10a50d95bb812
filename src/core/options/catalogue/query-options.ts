/** What is asked of a snapshot. */
import { flag, listOf, number, or, text, texts, typedText, wholeNumber, type OptionKind } from '../kinds.js';
import { option } from '../option.js';

const ranks = { min: 1, max: 1_000_000 };
const kinds = ['item', 'artist', 'album'];
const nonZero: OptionKind<number> = {
  ...number({}),
  accepts: (value) => number({}).accepts(value) && value !== 0,
};

export const queryOptions = {
  snapshot: option(text, {
    about: 'snapshot to read: id, unique prefix, tag, current, previous or latest',
    group: 'QUERY',
    value: 'REF',
    usually: 'current',
    completes: 'references',
  }),
  as: option(text, {
    about: 'name of the model to read, if the snapshot is a bundle of several',
    group: 'QUERY',
    value: 'NAME',
    usually: "the bundle's first",
  }),

  // How much of it.
  k: option(or(wholeNumber(ranks), 10), {
    about: 'number of results',
    group: 'QUERY',
    letter: 'k',
    example: 5,
  }),
  kind: option(or(text, 'item'), {
    about: 'kind of entity: item, artist or album',
    group: 'QUERY',
    value: 'KIND',
    completes: kinds,
  }),
  exact: option(or(flag, false), {
    about: 'compare with every item, even where an index would be faster',
    group: 'QUERY',
  }),
  // docs/neighbours.md has what other numbers come to.
  minEvents: option(or(wholeNumber({ min: 0, max: 1_000_000 }), 5), {
    about: 'minimum number of events of a neighbour (by audience, of a user); 0 keeps all',
    group: 'QUERY',
  }),
  maxPerArtist: option(wholeNumber(ranks), {
    about: 'maximum number of results by one artist',
    group: 'QUERY',
    usually: 'no limit',
  }),

  // Of what.
  item: option(text, {
    about: 'item, by id or name; also artist:… and album:…',
    group: 'QUERY',
    value: 'ITEM',
    completes: 'items',
    example: 'Plush',
  }),
  items: option(or(texts, []), {
    about: 'items to find neighbours of, by id or name; also artist:… and album:…',
    group: 'QUERY',
    parameter: 'item',
    value: 'ITEM',
    completes: 'items',
    example: 'Plush',
  }),
  minus: option(or(texts, []), {
    about: 'item to subtract from the sum of the others',
    group: 'QUERY',
    value: 'ITEM',
    completes: 'items',
  }),
  weights: option(listOf(nonZero, 'numbers other than 0'), {
    about: 'weight of each ITEM in order, then of each `minus`, then of `vector`',
    group: 'QUERY',
    usually: '1 each',
  }),
  vector: option(text, {
    about:
      'file with a vector: the output of segue user-vector --json, a JSON array, or a .npy of one row (- is stdin)',
    group: 'QUERY',
    value: 'FILE',
    isFile: true,
  }),
  words: option(or(texts, []), {
    about: 'words to search for in names, artists and ids',
    group: 'QUERY',
    value: 'WORD',
  }),
  browse: option(or(flag, false), { about: 'walk through the neighbours in the terminal', group: 'QUERY' }),

  // Of whom.
  user: option(text, {
    about: 'id of a user',
    group: 'QUERY',
    value: 'USER',
    completes: 'users',
    example: 'KGLK/2014-06-16',
  }),
  users: option(or(texts, []), {
    about: 'users of the snapshot, by id',
    group: 'QUERY',
    value: 'USER',
    completes: 'users',
  }),
  prefix: option(typedText, {
    about: 'how the ids begin',
    group: 'QUERY',
    value: 'PREFIX',
    completes: 'users',
    example: 'KGLK',
  }),
  like: option(or(texts, []), {
    about: 'item that a new user likes',
    group: 'QUERY',
    value: 'ITEM',
    completes: 'items',
  }),
  dislike: option(or(texts, []), {
    about: 'item that a new user dislikes',
    group: 'QUERY',
    value: 'ITEM',
    completes: 'items',
  }),
  includeHeard: option(or(flag, false), {
    about: 'also recommend seen items (those in the user’s history)',
    group: 'QUERY',
  }),
  for: option(text, {
    about: 'user whose bans and dislikes are left out; by similar, seen items too',
    group: 'QUERY',
    value: 'USER',
    completes: 'users',
  }),
  feedback: option(or(flag, true), {
    about: 'whether the ledger of feedback is obeyed: bans, likes and plays (docs/feedback.md)',
    off: 'answer as if there were no ledger of feedback (docs/feedback.md)',
    group: 'QUERY',
  }),
  skipWeight: option(or(number({ min: 0, max: 1000 }), 0), {
    about: 'how much each skip in the ledger takes from the plays of its item',
    group: 'WEIGHT',
  }),

  // And why.
  explain: option(or(flag, false), {
    about:
      'show which items of the user’s history, dislikes included, made each score; with `recipe`, which parts ' +
      'of the recipe',
    group: 'QUERY',
  }),
  reasons: option(or(wholeNumber({ min: 0, max: 1000 }), 3), {
    about: 'number of history items that `explain` names per result; the rest are summed',
    group: 'QUERY',
  }),
  whyNot: option(texts, {
    about: 'item for which to explain why it is not recommended, or give its rank',
    group: 'QUERY',
    value: 'ITEM',
    completes: 'items',
  }),
  /** Of each list of the facts of a user: there are many. */
  facts: option(or(wholeNumber(ranks), 5), { about: 'number of results', group: 'QUERY', letter: 'k' }),

  // Which items an answer may hold.
  where: option(text, {
    about: 'only items that match, such as \'released >= 1975 and artist != "Eagles"\' (docs/filters.md)',
    group: 'FILTER',
    value: 'PREDICATE',
    completes: 'columns',
    example: 'released >= 1990',
  }),
  only: option(text, {
    about: 'only the items listed in a file, one id or name per line (- is stdin)',
    group: 'FILTER',
    value: 'FILE',
    isFile: true,
  }),
  exclude: option(texts, {
    about: 'item to leave out',
    group: 'FILTER',
    value: 'ITEM',
    completes: 'items',
  }),
  excludeFrom: option(text, {
    about: 'leave out the items listed in a file, one id or name per line (- is stdin)',
    group: 'FILTER',
    value: 'FILE',
    isFile: true,
  }),
  skipUnknown: option(flag, {
    about: 'skip and count what `exclude` or a line of a file names and is not known, instead of stopping',
    group: 'FILTER',
  }),

  // By a recipe.
  recipe: option(text, {
    about: 'recommend by a recipe: a name that recipe list prints, or a file (docs/recipes.md)',
    group: 'RECIPE',
    value: 'NAME|FILE',
    completes: 'recipes',
  }),
  seedItems: option(or(texts, []), {
    about: 'item that a recipe such as radio starts from',
    group: 'RECIPE',
    flag: 'seed-item',
    value: 'ITEM',
    completes: 'items',
  }),
  page: option(wholeNumber(ranks), {
    about: 'which page of -k items: none has an item of another',
    group: 'RECIPE',
  }),
  shown: option(texts, {
    about: 'item that was shown before, and counts what the recipe says',
    group: 'RECIPE',
    value: 'ITEM',
  }),
  fallback: option(text, {
    about: 'recipe that answers for a user whom nobody knows, or who was forgotten',
    group: 'RECIPE',
    value: 'NAME|FILE',
  }),

  // For many.
  all: option(or(flag, false), { about: 'answer for all of them', group: 'BATCH' }),
  usersFrom: option(text, {
    about: 'file of the users to recommend to, one id per line (- is stdin)',
    group: 'BATCH',
    value: 'FILE',
    isFile: true,
  }),
};
