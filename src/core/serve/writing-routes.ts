/** The routes that write: what listeners did or said, and what is taken back of it, is kept when the answer comes. */
import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { TaskContext } from '../contracts.js';
import { AppError } from '../errors.js';
import type { AddedEntry } from '../ledger/open-ledger.js';
import type { NewEntry } from '../ledger/entry.js';
import { conflictIn } from '../ledger/same-content.js';
import { isObject, required, type JsonSchema, type OptionKind } from '../options/kinds.js';
import { catalogue } from '../options/catalogue.js';
import type { Asked } from '../options/option.js';
import { addEvents, addFeedback } from '../options/operations.js';
import { parseExactly } from '../realtime/event-line.js';
import { parsePosted } from '../realtime/posted-events.js';
import { entryOf } from '../tasks/feedback/add.js';
import { forgetUser } from '../tasks/feedback/forget.js';
import type { KnownItems } from '../tasks/feedback/known-items.js';
import { undoIn } from '../tasks/feedback/undo.js';
import type { Right } from './guard.js';
import { askedBy, parametersOf, pointerTo, type Shape } from './parameters.js';
import { HttpError } from './problems.js';
import { paramsOf, problems, requireValid, security } from './query-routes.js';
import type { ServedRoot } from './served-root.js';
import type { Service } from './service.js';

type Given = Readonly<Record<string, unknown>>;

const mostEntries = 1000;
/** As far as the clock of whoever sends events may be ahead. */
const aheadMs = 600_000;

const numberOrText: OptionKind<string> = {
  wanted: 'a number, or a text',
  accepts: (value) => typeof value === 'string' || typeof value === 'number',
  schema: { type: ['string', 'number'] },
  read: String,
};
const { root: _root, snapshot: _snapshot, as: _as, ...given } = addFeedback.options;
const feedbackShape = {
  ...given,
  weight: { ...given.weight, ...numberOrText },
  time: { ...given.time, ...numberOrText },
};
const readEventsBy = askedBy({ ...addEvents, name: 'a request' });
const askedOf = askedBy({ ...addFeedback, name: 'a request', options: feedbackShape });

/** Events are as docs/reference/realtime.md has them. What breaks a rule is refused alone: so all is let in here, under any key. */
const { user, item, type, scope, id, weight, time, source } = given;
const undoes = { about: 'id of the entry of the same user that is taken back' };
const names = {
  user,
  item,
  type,
  scope,
  id,
  undoes,
  weight,
  time,
  at: { about: 'the same as `time`' },
  source,
};
const event: JsonSchema = {
  properties: Object.fromEntries(
    Object.entries(names).map(([name, { about }]) => [name, { description: about }]),
  ),
};

const leftOut = { enum: ['repeated', 'forgotten', null] };
const kept: JsonSchema = {
  type: 'object',
  required: ['id', 'seq', 'leftOut'],
  properties: { id: { type: 'string' }, seq: { type: ['integer', 'null'] }, leftOut },
  additionalProperties: false,
};

const keptAnswer = (list: string, item: JsonSchema): JsonSchema => ({
  type: 'object',
  required: ['ledger', list],
  properties: { ledger: { type: 'string' }, [list]: { type: 'array', items: item } },
  additionalProperties: false,
});

export function addWriting(app: FastifyInstance, service: Service): void {
  addRoute(app, service, {
    ...{ path: '/feedback', operation: 'feedback', right: 'feedback' },
    summary: 'Keep what listeners did or said of items by id or name: all of it, or nothing',
    body: { list: 'feedback', shape: feedbackShape, item: parametersOf(feedbackShape) },
    answer: keptAnswer('entries', kept),
    async act(root, { all }, { now = new Date() }) {
      const make = (known: Pick<KnownItems, 'find'>): NewEntry[] =>
        all.map((each, at) => {
          try {
            return entryOf(askedOf(each), known, now);
          } catch (error) {
            if (!(error instanceof AppError) || all.length === 1) throw error;
            // Which one it is says what to correct; the status is that of one alone.
            const { status, code, detail, suggestions } = service.problemOf(error);
            throw new HttpError(
              status,
              code,
              `feedback ${at + 1}: ${detail}`,
              suggestions,
              pointerTo('feedback', at),
            );
          }
        });
      const { ledger, added } = await root.add(make, true);
      return { ledger, entries: added.map(shown) };
    },
  });
  addRoute(app, service, {
    ...{ path: '/events', operation: 'events', right: 'feedback' },
    summary: 'Keep events as they arrive, by ids of items: what is no event is answered with the reason',
    query: addEvents.options,
    body: { list: 'events', shape: {}, item: event, parse: parseExactly },
    answer: withFormat(
      keptAnswer('events', {
        anyOf: [
          kept,
          {
            ...{ type: 'object', required: ['refused', 'index', 'pointer'], additionalProperties: false },
            properties: {
              ...{ refused: { type: 'string' }, index: { type: 'integer' }, pointer: { type: 'string' } },
            },
          },
        ],
      }),
    ),
    act: (root, { all, asked }, { now = new Date() }) => keepEvents(root, all, readEventsBy(asked), now),
  });
  for (const hidden of [true, false])
    addRoute(app, service, {
      ...{ path: `/items/:item/${hidden ? 'hide' : 'unhide'}`, named: 'item', right: 'hide' },
      operation: hidden ? 'hideItem' : 'unhideItem',
      summary: hidden ? 'Hide an item from every list, whoever asks' : 'Show a hidden item again',
      answer: {
        ...{ type: 'object', required: ['item', 'hidden'], additionalProperties: false },
        properties: { item: { type: 'string' }, hidden: { type: 'boolean' } },
      },
      act: (root, { name }) => root.hide(name, hidden),
    });
  addRoute(app, service, {
    ...{ method: 'DELETE', path: '/feedback/:entry', named: 'entry', right: 'feedback' },
    ...{ operation: 'undoFeedback', summary: 'Take an entry back, by its id' },
    answer: service.schemaOf('feedback-undo'),
    act: (root, { name: entry }, context) =>
      root.change((ledger, known) => undoIn(ledger, known, { entry }, context)),
  });
  const { properties, required: needed, ...rest } = service.schemaOf('feedback-forget');
  const told = ['ledger', 'user', 'entries', 'deleted', 'forgottenAt', 'snapshots', 'unreadable'];
  addRoute(app, service, {
    ...{ path: '/users/:user/forget', named: 'user', right: 'forget', operation: 'forgetUser' },
    summary: 'Forget a user: nothing they did counts, and its entries are deleted',
    // What else is on the disk is for whoever runs the service.
    answer: {
      ...{ ...rest, required: (needed as string[]).filter((name) => told.includes(name)) },
      properties: Object.fromEntries(told.map((name) => [name, (properties as Given)[name]])),
    },
    act: (root, { name: user }, context) => {
      const options = { root: root.root, user, state: [], unfinished: false, dryRun: false };
      return root.change((ledger) => forgetUser(options, context, ledger));
    },
  });
}

/** With the profile that events were recognised as. */
function withFormat({ properties, ...answer }: JsonSchema): JsonSchema {
  return { ...answer, properties: { ...(properties as Given), format: { type: 'string' } } };
}

async function keepEvents(
  root: ServedRoot,
  all: readonly Given[],
  asked: Asked<typeof addEvents.options>,
  now: Date,
) {
  const times = { fromMs: -Infinity, untilMs: now.getTime() + aheadMs, nowMs: now.getTime() };
  const partition = randomUUID();
  const { parsed, format } = await parsePosted(all, asked, partition, times);
  // They have no place in a stream, where what comes before is there already.
  const entries = parsed.flatMap((each) => ('problem' in each ? [] : [{ ...each, position: undefined }]));
  const { ledger, added } = await root.add(() => entries, false);
  const outcomes = added[Symbol.iterator]();
  return {
    ledger,
    ...(format === undefined ? {} : { format }),
    events: parsed.map((each, index) => {
      if ('problem' in each) {
        const pointer = pointerTo('events', index, ...(each.key === undefined ? [] : [each.key]));
        return { refused: `the event ${each.problem}`, index, pointer };
      }
      const { value } = outcomes.next();
      if (value === undefined) throw new Error('the ledger said nothing of an entry');
      if ('holds' in value) {
        const refused = `the event ${conflictIn(each, value.holds)}`;
        return { refused, index, pointer: pointerTo('events', index, 'id') };
      }
      return shown(value);
    }),
  };
}

interface WritingRoute {
  /** Default: POST. */
  readonly method?: 'DELETE';
  readonly path: string;
  readonly operation: string;
  readonly summary: string;
  readonly right: Right;
  readonly answer: JsonSchema;
  /** What stands in the address: one item, entry or user, by its name. */
  readonly named?: 'item' | 'entry' | 'user';
  readonly body?: {
    /** The key of its list. */
    readonly list: string;
    readonly shape: Shape;
    readonly item: JsonSchema;
    /** Default: JSON.parse. */
    parse?(text: string): unknown;
  };
  /** What is asked behind the address. */
  readonly query?: Shape;
  act(
    root: ServedRoot,
    asked: { readonly name: string; readonly all: readonly Given[]; readonly asked: Given },
    context: TaskContext,
  ): Promise<object>;
}

function addRoute(app: FastifyInstance, service: Service, route: WritingRoute): void {
  const { method = 'POST', path, operation, summary, right, answer, named, body, query = {}, act } = route;
  const inAddress: Shape = named === undefined ? {} : { [named]: required(catalogue[named]) };
  const { list = '', shape = inAddress, item, parse } = body ?? {};
  const listed = {
    ...{ type: 'object', required: [list], additionalProperties: false },
    properties: { [list]: { type: 'array', items: item, minItems: 1, maxItems: mostEntries } },
  };
  app.route({
    ...{ method, url: service.path(path), attachValidation: true },
    config: { right, ...(parse === undefined ? {} : { parse }) },
    schema: {
      ...{ operationId: operation, summary, tags: [right], security, querystring: parametersOf(query) },
      ...paramsOf(service, parametersOf(inAddress)),
      ...(body === undefined ? {} : { body: listed }),
      response: { 200: { description: 'It is durable, and in force', ...answer }, ...problems },
    },
    // One alone is a list of one, also where what it needs most is missing: the answer says so.
    preValidation(request, _reply, done) {
      const { body: sent } = request;
      const isOne = isObject(sent) && !(list in sent) && !Object.values(sent).some(Array.isArray);
      if (isOne && Object.keys(sent).length > 0) request.body = { [list]: [sent] };
      done();
    },
    handler(request, reply) {
      requireValid(request, { ...shape, ...query });
      const asked = request.query as Given;
      const root = service.rootOf(request.params);
      const name = (request.params as Readonly<Record<string, string>>)[named ?? ''] ?? '';
      const all = (request.body as Readonly<Record<string, readonly Given[]>> | undefined)?.[list] ?? [];
      return service.ofRoot(reply, root, (context) => act(root, { name, all, asked }, context));
    },
  });
}

function shown(entry: AddedEntry): object {
  return {
    id: entry.id,
    seq: 'seq' in entry ? entry.seq : null,
    leftOut: 'leftOut' in entry ? entry.leftOut : null,
  };
}
