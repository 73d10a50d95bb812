/** What the OpenAPI document says of rights, headers and failures. */

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
