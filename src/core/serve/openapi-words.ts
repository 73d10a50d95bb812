/** What the OpenAPI document says of parameters, headers and failures. */

export interface ParameterWords {
  readonly description: string;
  /** Of examples/classic-rock. */
  readonly example?: unknown;
}

/** By their names in a request. */
export const parameterWords: Readonly<Record<string, ParameterWords>> = {
  item: { description: 'Id or name of an item, or artist:NAME or album:NAME', example: 'Plush' },
  minus: { description: 'Items to move away from' },
  weights: { description: 'How much each item counts, in the order of `item` and then of `minus`' },
  k: { description: 'How many are wanted', example: 5 },
  kind: { description: 'What is listed: item, artist or album' },
  exact: { description: 'Compare with every item, past the index' },
  'min-events': { description: 'Events that a neighbour has at least; 0: any number' },
  'max-per-artist': { description: 'At most so many of one artist' },
  where: { description: 'A condition on the columns of items', example: 'released >= 1990' },
  exclude: { description: 'Items to leave out' },
  'skip-unknown': { description: 'Pass over items to leave out that are not known, instead of refusing' },
  for: { description: 'Id of a user: their bans, dislikes and seen items are left out' },
  'include-heard': { description: 'Keep what the user has played' },
  feedback: { description: 'Whether bans, likes and plays that were kept apart from training count' },
  'skip-weight': { description: 'How much a skip counts against an item; 0 for not at all' },
  like: { description: 'Items that someone likes' },
  dislike: { description: 'Items that someone does not like' },
  'half-life': { description: 'The time in which a play comes to count half' },
  'as-of': { description: 'The time to answer as of: ISO 8601' },
  reasons: { description: 'How many of their items explain each recommendation' },
  explain: { description: 'Explain each recommendation' },
  'why-not': { description: 'Items of which to say why they are not recommended' },
  recipe: { description: 'Name of a recipe of the service' },
  strict: { description: 'Refuse a user whom nobody knows with 404, instead of an answer by the fallback' },
  shown: { description: 'Items that were shown before, for recipes that push such down' },
  page: { description: 'Which page of a recipe’s answer, from 1: without what is on those before' },
  'seed-item': { description: 'Items that a recipe such as radio starts from' },
  user: { description: 'Id of a user', example: 'KGLK/2014-06-16' },
  prefix: { description: 'How the ids begin', example: 'KGLK' },
  q: { description: 'Words of the name, artist or album; the last may be a beginning', example: 'stone tem' },
  rows: { description: 'Rows of the map, joined by commas', example: '0,17' },
  fields: { description: 'The fields of each result that are wanted' },
  cursor: { description: 'Where the page before ended: from its `link` header' },
  root: { description: 'Which root is asked, of those that the service has' },
  snapshot: { description: 'The snapshot to answer by; the published one without it' },
  'min-epoch': { description: 'Answer by this publication or a later one' },
  type: { description: 'What the user did or said' },
  scope: { description: 'What it is about: the item alone, or all items of its artist or album' },
  weight: { description: 'How much it counts: a decimal number, 1 without it' },
  time: { description: 'When it happened: ISO 8601, or unix seconds or milliseconds; now without it' },
  at: { description: 'The same as `time`' },
  undoes: { description: 'Id of the entry of the same user that is taken back' },
  entry: { description: 'Id of an entry of feedback' },
  source: { description: 'Where it was said, such as radio or discover' },
  id: { description: 'Id of the entry: the same id of the same user is kept once' },
  'answered-by': { description: 'Id of the snapshot whose answer the user reacted to' },
  'answered-recipe': { description: 'The recipe of that answer' },
  'answered-rank': { description: 'The place of the item in that answer, from 1' },
};

/** The rights that tokens have, and what needs none. */
export const tagWords = {
  read: 'Questions about items. On loopback they need no token, unless the service was told to want one',
  listeners: 'Questions about listeners, and recommendations. On loopback they need no token either',
  feedback: 'What listeners did or said. It always needs a token',
  hide: 'Which items nobody is shown. It always needs a token',
  forget: 'Forgetting users. It always needs a token',
  status: 'Whether the service answers. It needs no token',
};

/** A problem's status → the name of its response, and when it is given. */
export const problemWords: Readonly<Record<string, readonly [name: string, description: string]>> = {
  400: ['BadRequest', 'A parameter is unknown or missing, or has a value that is not wanted'],
  401: ['NoToken', 'This needs a token, or the token is not one of the service'],
  403: ['NotAllowed', 'The token has not the right to this, or the page of another site asks'],
  404: ['NotFound', 'There is no such item, user, recipe or root'],
  408: ['TooSlow', 'The request came too slowly'],
  409: [
    'Conflict',
    'A name means several items, which `ids` has, or what is asked for does not fit the snapshot',
  ],
  410: ['Gone', 'The snapshot, or the list that the cursor is of, is not there any more'],
  412: ['NotYet', 'No publication as new as `min-epoch` is there yet'],
  413: ['TooLarge', 'The body is too large'],
  414: ['AddressTooLong', 'What stands in the address is too long'],
  415: ['NotJson', 'The body is not application/json'],
  421: ['AnotherHost', 'The request is for a host that is not this service'],
  422: ['CannotBeAnswered', 'The item has no vector, or the snapshot lacks a part that this needs'],
  500: ['Failed', 'The service failed: its log says why'],
  503: ['NotNow', 'There is no room for this now'],
  504: ['TookTooLong', 'It took longer than the service lets an answer take'],
  507: ['NoSpace', 'No space is left on the disk: nothing was kept'],
};

export const headers = {
  Snapshot: {
    description: 'Id of the snapshot that answered: with `snapshot=` the next question asks the same one',
    schema: { type: 'string', pattern: '^[0-9a-f]{16}$' },
  },
  Epoch: {
    description:
      'Number of the publication that answered: with `min-epoch=` no earlier one answers the next question',
    schema: { type: 'integer', minimum: 1 },
  },
  Next: {
    description: 'Where the next page is, as rel="next"; absent on the last',
    schema: { type: 'string' },
  },
  Cut: {
    description: 'How many results the pages had: the list is longer, and they go no further',
    schema: { type: 'integer', minimum: 1 },
  },
  RetryAfter: { description: 'Seconds to wait before asking again', schema: { type: 'integer', minimum: 0 } },
};
