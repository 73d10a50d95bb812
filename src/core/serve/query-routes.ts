/** The routes that ask: one query as GET, many of a kind, of one snapshot, as POST. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { TaskContext } from '../contracts.js';
import { catalogue } from '../options/catalogue.js';
import { wholeNumber, type JsonSchema } from '../options/kinds.js';
import { option, reworded } from '../options/option.js';
import { cursor, cursorOf, fields, listed, pageOf, partOf } from './page.js';
import { invalid, optionsReader, parametersOf, type Issue, type Shape } from './parameters.js';
import { sendLines, takesLines } from './lines.js';
import {
  mostPaged,
  queryRoutes,
  type Answered,
  type Given,
  type QueryRoute,
  type Serves,
} from './query-table.js';
import { HttpError, parameterName } from './problems.js';
import { problemSchema } from './schemas.js';
import type { HeldReader, Wanted } from './served-root.js';
import type { Service } from './service.js';

/** Which snapshot is to answer: every query takes these. */
export const choosing = {
  snapshot: reworded(catalogue.snapshot, {
    about: 'the snapshot to answer by; the published one without it',
  }),
  minEpoch: option(wholeNumber({ min: 0 }), {
    about: 'answer by this publication or a later one',
    group: 'QUERY',
  }),
};
const mostAtOnce = 100;
/** Results that count as one answer: as many as one query is mostly asked for weigh nothing beside the search. */
const resultsPerAnswer = 100;
export const problems = { '4xx': { description: 'A problem', ...problemSchema } };
export const security = [{ token: [] }];

export function addQueries(app: FastifyInstance, service: Service): void {
  for (const route of queryRoutes) {
    addOne(app, service, route);
    if (route.many !== undefined) addMany(app, service, route, route.many);
  }
}

function addOne(app: FastifyInstance, service: Service, route: QueryRoute): void {
  const { path, operation, summary, right, inPath = [], list } = route;
  const shape: Shape = {
    ...route.shape,
    ...{ ...choosing, fields },
    ...(list === undefined ? {} : { cursor }),
  };
  const [inAddress, query] = [true, false].map((isNamed) =>
    Object.fromEntries(Object.entries(shape).filter(([name]) => inPath.includes(name) === isNamed)),
  ) as [Shape, Shape];
  const answers = route.answers.map((name) => service.schemaOf(name));
  const answer = answers.length === 1 ? answers[0]! : { anyOf: answers };
  const schema = {
    ...{ operationId: operation, summary, tags: [right], security },
    querystring: parametersOf(query),
    ...paramsOf(service, parametersOf(inAddress)),
    response: { 200: { description: 'The answer', ...answer }, ...problems },
  };
  const handler = async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    requireValid(request, query);
    const { root: _, ...address } = request.params as Given;
    const { asked, wanted, parts } = split({ ...(request.query as Given), ...address });
    const root = service.rootOf(request.params);
    // What it is a page of: the same query, however many are on a page.
    const whole = { ...asked, k: 0, path };
    const [beside] =
      parts.cursor === undefined ? [] : Object.entries(wanted).filter(([, value]) => value !== undefined);
    if (beside !== undefined)
      throw new HttpError(
        400,
        'bad-usage',
        `${parameterName(beside[0])} beside a cursor, which says the snapshot`,
        ['follow the link of the answer as it is'],
      );
    const page = parts.cursor === undefined ? undefined : pageOf(parts.cursor, whole);
    const nowMs = service.now();
    if (page !== undefined) root.requirePage(page, userOf(route, asked), nowMs);
    const mark = page?.mark ?? (list === undefined ? undefined : root.ledgerMark());
    const chosen = page === undefined ? wanted : { snapshot: page.snapshot };
    const cut = cutOf(route, asked, page?.offset ?? 0);
    const serves: Serves = { fallback: service.fallback, mark, from: cut?.from, k: cut?.k };
    if (route.hasParts === true && takesLines(request)) {
      const most = asked['k'] === undefined ? Infinity : Number(asked['k']);
      return sendLines(reply, service, root, chosen, most, async (held, k, from, context) => {
        const part = { ...serves, k, from: (serves.from ?? 0) + from };
        const { schema: name, body } = await route.ask(held.reader, asked, context, part);
        return listed(await partOf(body, service.schemaOf(name), parts.fields, list, held), list!);
      });
    }
    const answer = async (held: HeldReader, context: TaskContext): Promise<object> => {
      const ofPage = cut?.page === undefined ? asked : { ...asked, page: cut.page };
      const { schema: name, body } = await route.ask(held.reader, ofPage, context, serves);
      const { skipped = 0 } = cut ?? {};
      const ofThisPage = skipped === 0 ? body : { ...body, [list!]: listed(body, list!).slice(skipped) };
      const part = await partOf(ofThisPage, service.schemaOf(name), parts.fields, list, held);
      if (cut !== undefined && list !== undefined) {
        if (listed(body, list).length === cut.full && !('rows' in body)) {
          const untilMs = root.keepForPages(held.id, nowMs);
          const next = {
            snapshot: held.id,
            offset: cut.until,
            mark: mark ?? { ledger: '', seq: 0 },
            untilMs,
          };
          if (cut.isLast) void reply.header('segue-cut', String(cut.until));
          else linkNext(request, reply, cursorOf(next, whole));
        }
      }
      const write = parts.fields === undefined ? serialiserOf(reply, service.schemaOf(name)) : JSON.stringify;
      void reply.header('content-type', 'application/json; charset=utf-8').serializer(write);
      return part;
    };
    return service.bySnapshot(reply, root, chosen, answer, weightOf([{ k: cut?.k ?? asked['k'] }]));
  };
  const options = { config: { right }, attachValidation: true };
  app.get(service.path(path), { schema, ...options }, handler);
  if (route.also !== undefined)
    app.get(service.path(route.also), { schema: { ...schema, hide: true }, ...options }, handler);
}

/** Of whom a list is; null: it names users. */
function userOf({ list }: QueryRoute, { user, for: beside }: Given): string | null | undefined {
  if (list === 'users' || list === 'listeners') return null;
  const named = user ?? beside;
  return typeof named === 'string' ? named : undefined;
}

/** How many answers queries count as: by how many there are, times `k`. */
function weightOf(all: readonly Given[]): number {
  const results = all.reduce((sum, { k }) => sum + Number(k ?? catalogue.k.fallback()), 0);
  return Math.ceil(results / resultsPerAnswer);
}

/** Which part of an answer a page is. */
interface Cut {
  /** What is asked, so that the page is in the answer: so many, or of a recipe which page. */
  readonly k?: number;
  readonly page?: number;
  /** Results that are not asked for, since they were on pages before. */
  readonly from?: number;
  /** Results of the answer that were on pages before. */
  readonly skipped: number;
  /** Pages go no further. */
  readonly isLast: boolean;
  /** As many as the answer has, where there may be more. */
  readonly full: number;
  /** Results up to the end of this page. */
  readonly until: number;
}

/** undefined where an answer lists nothing, or has no length that was asked for. */
function cutOf(route: QueryRoute, asked: Given, offset: number): Cut | undefined {
  const turns = route.turnsPages?.(asked) === true;
  if (route.list === undefined || (turns && (asked['k'] === undefined || asked['page'] !== undefined)))
    return undefined;
  const k = Number(asked['k'] ?? catalogue.k.fallback());
  if (route.hasParts === true)
    return { k, from: offset, skipped: 0, full: k, until: offset + k, isLast: false };
  const until = Math.min(offset + k, mostPaged);
  const isLast = until === mostPaged;
  if (!turns) return { k: until, skipped: offset, full: until, until, isLast };
  // A start page has no pages, and is not asked for its first.
  const page = offset === 0 ? {} : { page: Math.floor(offset / k) + 1 };
  return { ...page, skipped: 0, full: k, until, isLast };
}

/** The same address, with the cursor, which also says the snapshot. */
function linkNext(request: FastifyRequest, reply: FastifyReply, next: string): void {
  const [path, query] = request.url.split('?', 2);
  const parameters = new URLSearchParams(query);
  for (const name of ['snapshot', 'min-epoch']) parameters.delete(name);
  parameters.set('cursor', next);
  void reply.header('link', `<${path!}?${parameters.toString()}>; rel="next"`);
}

function addMany(app: FastifyInstance, service: Service, route: QueryRoute, path: string): void {
  const { operation, summary, right, list } = route;
  const shape = route.shapeOfMany ?? route.shape;
  const queries = {
    ...{ type: 'array', minItems: 1, maxItems: mostAtOnce },
    items: parametersOf(shape),
  };
  const answers = route.answers.map((name) => service.schemaOf(name));
  const problem = { type: 'object', required: ['problem'], properties: { problem: problemSchema } };
  const inQuery = { ...choosing, fields };
  const schema = {
    ...{ operationId: `${operation}Many`, summary: `${summary}: many questions of one snapshot` },
    ...{ tags: [right], security, querystring: parametersOf(inQuery) },
    ...paramsOf(service, parametersOf({})),
    body: { type: 'object', required: ['queries'], properties: { queries }, additionalProperties: false },
    response: {
      200: {
        ...{ description: 'An answer or a problem for each', type: 'object', required: ['answers'] },
        properties: { answers: { type: 'array', items: { anyOf: [...answers, problem] } } },
        additionalProperties: false,
      },
      ...problems,
    },
  };
  app.post(
    service.path(path),
    { schema, config: { right }, attachValidation: true },
    async (request, reply): Promise<unknown> => {
      requireValid(request, request.validationError?.validationContext === 'body' ? shape : inQuery);
      const { wanted, parts } = split(request.query as Given);
      const { queries: all } = request.body as { readonly queries: readonly Given[] };
      return service.bySnapshot(
        reply,
        service.rootOf(request.params),
        wanted,
        async (held, context) => {
          const writeOne = async (given: Given): Promise<string> => {
            let answered: Answered;
            try {
              answered = await route.ask(held.reader, given, context, service);
            } catch (error) {
              // Of the service's own failures the whole is one.
              const found = service.problemOf(error);
              if (found.status >= 500) throw error;
              return JSON.stringify({ problem: found });
            }
            const { schema: name, body } = answered;
            if (parts.fields === undefined) return serialiserOf(reply, service.schemaOf(name))(body);
            return JSON.stringify(await partOf(body, service.schemaOf(name), parts.fields, list, held));
          };
          const texts = await Promise.all(all.map(writeOne));
          void reply.header('content-type', 'application/json; charset=utf-8').serializer(String);
          return `{"answers":[${texts.join(',')}]}`;
        },
        weightOf(all),
      );
    },
  );
}

/** What stands in the address, the name of a root among it. */
export function paramsOf(service: Service, schema: JsonSchema): { readonly params?: JsonSchema } {
  const root = service.rootParameter;
  const properties = { ...root, ...(schema['properties'] as object) };
  if (Object.keys(properties).length === 0) return {};
  const required = [...Object.keys(root), ...((schema['required'] as string[] | undefined) ?? [])];
  return { params: { ...schema, properties, required } };
}

interface Parts {
  readonly fields?: string | undefined;
  readonly cursor?: string | undefined;
}

const wantedOf = optionsReader(choosing);
const partsOf = optionsReader({ fields, cursor });

/** What is asked, which snapshot is to answer, and which part of the answer is wanted. */
function split(given: Given): { asked: Given; wanted: Wanted; parts: Parts } {
  const { snapshot, 'min-epoch': minEpoch, fields: names, cursor: next, ...asked } = given;
  return {
    asked,
    wanted: wantedOf({ snapshot, 'min-epoch': minEpoch }),
    parts: partsOf({ fields: names, cursor: next }),
  };
}

function serialiserOf(reply: FastifyReply, schema: JsonSchema): (body: object) => string {
  const write = reply.compileSerializationSchema(schema);
  return (body) => write(body as Record<string, unknown>);
}

/** Throws the HttpError of what a validator found. */
export function requireValid({ validationError, body }: FastifyRequest, shape: Shape): void {
  if (validationError === undefined) return;
  const found: unknown = validationError.validation;
  const issues = Array.isArray(found) ? (found as readonly Issue[]) : [];
  throw invalid(validationError.validationContext, issues, shape, body);
}
