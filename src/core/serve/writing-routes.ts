/** `POST /v1/feedback` and `POST /v1/events`: what listeners did or said, kept when the answer comes. */
import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { TaskContext } from '../contracts.js';
import { AppError } from '../errors.js';
import type { AddedEntry } from '../ledger/open-ledger.js';
import type { NewEntry } from '../ledger/entry.js';
import { conflictIn } from '../ledger/same-content.js';
import { addFeedback as addShape } from '../library/feedback-shapes.js';
import { isObject, required, text, type JsonSchema, type OptionKind } from '../options/kinds.js';
import { parseEventObject, parseExactly } from '../realtime/event-line.js';
import { entryOf, type AddFeedbackOptions } from '../tasks/feedback/add.js';
import { forgetUser } from '../tasks/feedback/forget.js';
import type { KnownItems } from '../tasks/feedback/known-items.js';
import { undoIn } from '../tasks/feedback/undo.js';
import type { Right } from './guard.js';
import { optionsReader, parametersOf, pointerTo, type Shape } from './parameters.js';
import { HttpError } from './problems.js';
import { paramsOf, problems, requireValid, security } from './question-routes.js';
import type { ServedRoot } from './served-root.js';
import type { Service } from './service.js';

type Given = Readonly<Record<string, unknown>>;
type Asked = Omit<AddFeedbackOptions, 'root' | 'snapshot' | 'as'>;

const mostEntries = 1000;
/** As far as the clock of whoever sends events may be ahead. */
const aheadMs = 600_000;

const numberOrText: OptionKind<string> = {
  wanted: 'a number, or a text',
  accepts: (value) => typeof value === 'string' || typeof value === 'number',
  schema: { type: ['string', 'number'] },
  read: String,
};
const { root: _root, snapshot: _snapshot, as: _as, ...given } = addShape;
const feedbackShape = { ...given, weight: numberOrText, time: numberOrText };
const askedOf = optionsReader<Asked>(feedbackShape);

/** Events are as docs/realtime.md has them. What breaks a rule is refused alone: so all is let in here, under any key. */
const names = ['user', 'item', 'type', 'scope', 'id', 'undoes', 'weight', 'time', 'at', 'source'];
const event: JsonSchema = { properties: Object.fromEntries(names.map((name) => [name, {}])) };

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
  addActions(app, service);
  addRoute(app, service, {
    ...{ path: '/feedback', operation: 'feedback', list: 'feedback' },
    summary: 'Keep what listeners did or said of items by id or name: all of it, or nothing',
    ...{ shape: feedbackShape, item: parametersOf(feedbackShape) },
    answer: keptAnswer('entries', kept),
    async keep(root, all, now) {
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
    ...{ path: '/events', operation: 'events', list: 'events' },
    summary: 'Keep events as they arrive, by ids of items: what is no event is answered with the reason',
    ...{ shape: {}, item: event },
    answer: keptAnswer('events', {
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
    parse: parseExactly,
    async keep(root, all, now) {
      const times = { fromMs: -Infinity, untilMs: now.getTime() + aheadMs, nowMs: now.getTime() };
      const partition = randomUUID();
      const parsed = all.map((each, offset) => parseEventObject(each, { partition, offset }, times));
      // They have no place in a stream, where what comes before is there already.
      const entries = parsed.flatMap((each) => ('problem' in each ? [] : [{ ...each, position: undefined }]));
      const { ledger, added } = await root.add(() => entries, false);
      const outcomes = added[Symbol.iterator]();
      return {
        ledger,
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
    },
  });
}

/** What is done to one item, entry or user, which stands in the address. */
function addActions(app: FastifyInstance, service: Service): void {
  const hide = (hidden: boolean): Action => ({
    ...{ method: 'POST', path: `/items/:item/${hidden ? 'hide' : 'unhide'}`, named: 'item', right: 'hide' },
    operation: hidden ? 'hideItem' : 'unhideItem',
    summary: hidden ? 'Hide an item from every list, whoever asks' : 'Show a hidden item again',
    answer: {
      ...{ type: 'object', required: ['item', 'hidden'], additionalProperties: false },
      properties: { item: { type: 'string' }, hidden: { type: 'boolean' } },
    },
    act: (root, name) => root.hide(name, hidden),
  });
  const { properties, required: needed, ...rest } = service.schemaOf('feedback-forget');
  const kept = ['ledger', 'user', 'entries', 'deleted', 'forgottenAt', 'snapshots', 'unreadable'];
  const actions: readonly Action[] = [
    hide(true),
    hide(false),
    {
      ...{ method: 'DELETE', path: '/feedback/:entry', named: 'entry', right: 'feedback' },
      ...{ operation: 'undoFeedback', summary: 'Take an entry back, by its id' },
      answer: service.schemaOf('feedback-undo'),
      act: (root, entry, context) =>
        root.change((ledger, known) => undoIn(ledger, known, { entry }, context)),
    },
    {
      ...{ method: 'POST', path: '/users/:user/forget', named: 'user', right: 'forget' },
      ...{
        operation: 'forgetUser',
        summary: 'Forget a user: nothing they did counts, and its entries are deleted',
      },
      // What else is on the disk is for whoever runs the service.
      answer: {
        ...{ ...rest, required: (needed as string[]).filter((name) => kept.includes(name)) },
        properties: Object.fromEntries(
          Object.entries(properties as object).filter(([name]) => kept.includes(name)),
        ),
      },
      act: (root, user, context) => {
        const options = { root: root.root, user, state: [], unfinished: false, dryRun: false };
        return root.change((ledger) => forgetUser(options, context, ledger));
      },
    },
  ];
  for (const { method, path, named, right, operation, summary, answer, act } of actions) {
    const shape: Shape = { [named]: required(text) };
    app.route({
      ...{ method, url: service.path(path), config: { right }, attachValidation: true },
      schema: {
        ...{ operationId: operation, summary, tags: [right], security, querystring: parametersOf({}) },
        ...paramsOf(service, parametersOf(shape)),
        response: { 200: { description: 'It is durable, and in force', ...answer }, ...problems },
      },
      handler(request, reply) {
        requireValid(request, shape, { renamed: {} });
        const root = service.rootOf(request.params);
        const name = (request.params as Readonly<Record<string, string>>)[named]!;
        return service.ofRoot(reply, root, (context) => act(root, name, context));
      },
    });
  }
}

interface Action {
  readonly method: 'POST' | 'DELETE';
  readonly path: string;
  /** What stands in the address. */
  readonly named: string;
  readonly right: Right;
  readonly operation: string;
  readonly summary: string;
  readonly answer: JsonSchema;
  act(root: ServedRoot, name: string, context: TaskContext): Promise<object>;
}

interface WritingRoute {
  readonly path: string;
  readonly operation: string;
  readonly summary: string;
  /** The key of the body's list. */
  readonly list: string;
  readonly shape: Shape;
  readonly item: JsonSchema;
  readonly answer: JsonSchema;
  /** Reads a body; default: JSON.parse. */
  parse?(text: string): unknown;
  keep(root: ReturnType<Service['rootOf']>, all: readonly Given[], now: Date): Promise<object>;
}

function addRoute(app: FastifyInstance, service: Service, route: WritingRoute): void {
  const { path, operation, summary, list, shape, item, answer, parse, keep } = route;
  const schema = {
    ...{ operationId: operation, summary, tags: ['feedback'], security },
    ...paramsOf(service, parametersOf({})),
    querystring: parametersOf({}),
    body: {
      type: 'object',
      required: [list],
      properties: { [list]: { type: 'array', items: item, minItems: 1, maxItems: mostEntries } },
      additionalProperties: false,
    },
    response: { 200: { description: 'It is durable, and in force', ...answer }, ...problems },
  };
  app.post(
    service.path(path),
    {
      ...{ schema, attachValidation: true },
      config: { right: 'feedback', ...(parse === undefined ? {} : { parse }) },
      // One alone is a list of one, also where what it needs most is missing: the answer says so.
      preValidation(request, _reply, done) {
        const { body } = request;
        const isOne = isObject(body) && !(list in body) && !Object.values(body).some(Array.isArray);
        if (isOne && Object.keys(body).length > 0) request.body = { [list]: [body] };
        done();
      },
    },
    (request, reply) => {
      requireValid(request, shape, { renamed: {} });
      const all = (request.body as Readonly<Record<string, readonly Given[]>>)[list]!;
      const root = service.rootOf(request.params);
      return service.ofRoot(reply, root, ({ now = new Date() }) => keep(root, all, now));
    },
  );
}

function shown(entry: AddedEntry): object {
  return {
    id: entry.id,
    seq: 'seq' in entry ? entry.seq : null,
    leftOut: 'leftOut' in entry ? entry.leftOut : null,
  };
}
