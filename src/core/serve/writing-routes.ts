/** `POST /v1/feedback` and `POST /v1/events`: what listeners did or said, kept when the answer comes. */
import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { AppError } from '../errors.js';
import type { AddedEntry } from '../ledger/open-ledger.js';
import type { NewEntry } from '../ledger/entry.js';
import { addFeedback as addShape } from '../library/feedback-shapes.js';
import type { JsonSchema, OptionKind } from '../options/kinds.js';
import { parseEventLine } from '../realtime/event-line.js';
import { entryOf, type AddFeedbackOptions } from '../tasks/feedback/add.js';
import { optionsReader, parametersOf, type Shape } from './parameters.js';
import { HttpError } from './problems.js';
import { paramsOf, problems, requireValid, security } from './question-routes.js';
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

/** Events are as docs/realtime.md has them. What breaks a rule is refused alone: so nearly everything is let in here. */
const value: JsonSchema = { type: ['string', 'number', 'null'] };
const event: JsonSchema = {
  type: 'object',
  properties: {
    ...{ user: value, item: value, type: value, scope: value, id: value, undoes: value },
    ...{ weight: value, time: value, at: value, source: value },
  },
  additionalProperties: false,
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
    ...{ path: '/feedback', operation: 'feedback', list: 'feedback' },
    summary: 'Keep what listeners did or said of items by id or name: all of it, or nothing',
    ...{ shape: feedbackShape, item: parametersOf(feedbackShape) },
    answer: keptAnswer('entries', kept),
    async keep(root, all, now) {
      const { ledger, added } = await root.add((known) =>
        all.map((each, at) => {
          try {
            return entryOf(askedOf(each), known, now);
          } catch (error) {
            if (!(error instanceof AppError) || all.length === 1) throw error;
            // Which one it is says what to correct; the status is that of one alone.
            const { status, code, detail, suggestions } = service.problemOf(error);
            throw new HttpError(status, code, `feedback ${at + 1}: ${detail}`, suggestions);
          }
        }),
      );
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
          ...{ type: 'object', required: ['refused'], additionalProperties: false },
          properties: { refused: { type: 'string' } },
        },
      ],
    }),
    async keep(root, all, now) {
      const parsed = parseEvents(all, now);
      const entries = parsed.filter((each) => typeof each !== 'string');
      const { ledger, added } = await root.add(() => entries);
      const outcomes = added[Symbol.iterator]();
      return {
        ledger,
        events: parsed.map((each) => {
          if (typeof each === 'string') return { refused: `the event ${each}` };
          const { value } = outcomes.next();
          if (value === undefined) throw new Error('the ledger said nothing of an entry');
          return shown(value);
        }),
      };
    },
  });
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
  keep(root: ReturnType<Service['rootOf']>, all: readonly Given[], now: Date): Promise<object>;
}

function addRoute(app: FastifyInstance, service: Service, route: WritingRoute): void {
  const { path, operation, summary, list, shape, item, answer, keep } = route;
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
      ...{ schema, config: { right: 'feedback' }, attachValidation: true },
      // One alone is a list of one, also where what it needs most is missing: the answer says so.
      preValidation(request, _reply, done) {
        const { body } = request;
        const isOne = typeof body === 'object' && body !== null && ('user' in body || 'item' in body);
        if (isOne && !(list in body)) request.body = { [list]: [body] };
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

/** Entries, or ends of sentences that begin with "the event". */
function parseEvents(all: readonly Given[], now: Date): (NewEntry | string)[] {
  const times = { fromMs: -Infinity, untilMs: now.getTime() + aheadMs, nowMs: now.getTime() };
  const request = randomUUID();
  return all.map((each, offset) => {
    const parsed = parseEventLine({ offset, text: JSON.stringify(each) }, request, times);
    if (typeof parsed === 'string') return parsed;
    // It has no place in a stream, where what comes before is there already.
    const { position: _, ...entry } = parsed;
    return entry;
  });
}

function shown(entry: AddedEntry): object {
  return {
    id: entry.id,
    seq: 'seq' in entry ? entry.seq : null,
    leftOut: 'leftOut' in entry ? entry.leftOut : null,
  };
}
