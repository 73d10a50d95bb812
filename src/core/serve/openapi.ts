/**
 * The service as an OpenAPI 3.1 document. The schemas of the routes, by which requests are checked and answers written, are its
 * matter. Added are names for their parts, words for the parameters, and what holds of every route.
 */
import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { isObject, type JsonSchema } from '../options/kinds.js';
import { headers, problemWords, tagWords } from './openapi-words.js';
import { linesType } from './lines.js';
import { queryRoutes } from './query-table.js';
import { problemSchema } from './schemas.js';

type Document = ReturnType<NonNullable<FastifyDynamicSwaggerOptions['transformObject']>>;

/** For `@fastify/swagger`. */
export function openApiOptions(version: string): FastifyDynamicSwaggerOptions {
  const variables = { host: { default: '127.0.0.1' }, port: { default: '7341' } };
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        ...{ title: 'segue', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
        description:
          'Neighbours, recommendations and listeners of a published snapshot. Examples are of examples/classic-rock.',
      },
      servers: [{ url: 'http://{host}:{port}', variables }],
      tags: Object.entries(tagWords).map(([name, description]) => ({ name, description })),
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
    convertConstToEnum: false,
    transformObject: (made) => ('openapiObject' in made ? completed(made.openapiObject) : made.swaggerObject),
  };
}

/** What an answer is called, by its schema's title; others are called by their titles. */
const answerNames: Readonly<Record<string, string>> = {
  ...{ recommend: 'Recommendations', 'recommend-recipe': 'RecipeAnswer' },
  ...{ 'user-vector-explain': 'Listener', 'user-vector': 'ListenerVector' },
  ...{ 'items-show': 'Item', 'snapshots-list': 'Snapshots' },
};
/** What each of a body's list is called, by the operation; a query of many by that which asks one. */
const entryNames: Readonly<Record<string, string>> = { feedback: 'FeedbackEntry', events: 'Event' };

const ofAny = ['400', '414', '421', '500', '503'];
const ofAnswers = ['401', '403', '504'];
const ofQuestion = ['404', '409', '410', '412', '422'];
const ofBody = ['408', '413', '415'];
const ofWriting = ['404', '409', '507'];

function completed(document: object): Document {
  const { paths, components, ...rest } = JSON.parse(JSON.stringify(document)) as Record<string, JsonSchema>;
  const schemas = new Map<string, unknown>();
  const described = mapped(paths, (methods) =>
    mapped(methods, (operation) =>
      isObject(operation) ? named(describedOperation(operation), schemas) : operation,
    ),
  );
  const problem = { 'application/problem+json': { schema: named(problemSchema, schemas) } };
  const responses = Object.entries(problemWords).map(([status, [name, description]]) => {
    const told = ['412', '503', '504'].includes(status)
      ? { headers: { 'retry-after': headerNamed('RetryAfter') } }
      : {};
    return [name, { description, ...told, content: problem }];
  });
  const whole = {
    ...rest,
    components: {
      ...{
        securitySchemes: components?.['securitySchemes'],
        headers,
        responses: Object.fromEntries(responses) as object,
      },
      schemas: Object.fromEntries([...schemas].sort(([one], [other]) => (one < other ? -1 : 1))),
    },
    paths: described,
  };
  return JSON.parse(JSON.stringify(whole)) as Document;
}

function describedOperation(operation: JsonSchema): JsonSchema {
  const { operationId: id, parameters, requestBody, responses, tags, security, ...rest } = operation;
  const name = String(id);
  const right = Array.isArray(tags) ? String(tags[0]) : '';
  const asked = Array.isArray(parameters) ? parameters.filter(isObject) : [];
  const takes = (wanted: string): boolean => asked.some((parameter) => parameter['name'] === wanted);
  const statuses = [
    ...ofAny,
    ...(right === 'status' ? [] : ofAnswers),
    ...(takes('snapshot') ? ofQuestion : []),
    ...(requestBody === undefined ? [] : ofBody),
    ...(['feedback', 'hide', 'forget'].includes(right) ? ofWriting : []),
  ];
  const answered = mapped(responses, (response, status) => {
    if (!isObject(response)) return response;
    const { description, content } = response;
    const told = {
      ...(takes('snapshot')
        ? { 'segue-snapshot': headerNamed('Snapshot'), 'segue-epoch': headerNamed('Epoch') }
        : {}),
      ...(takes('cursor') ? { link: headerNamed('Next'), 'segue-cut': headerNamed('Cut') } : {}),
    };
    const hasHeaders = ['200', '202'].includes(status) && Object.keys(told).length > 0;
    const schema = takes('fields') ? orPart(schemaOf(content), name) : schemaOf(content);
    return {
      description,
      ...(hasHeaders ? { headers: told } : {}),
      content: {
        [isObject(content) ? Object.keys(content)[0]! : '']: { schema },
        ...(queryRoutes.some((each) => each.operation === name && each.hasParts === true)
          ? { [linesType]: { schema: { type: 'string' } } }
          : {}),
      },
    };
  });
  const { '4XX': _, ...own } = answered;
  const refused = statuses.map((status): [string, unknown] => [
    status,
    { $ref: `#/components/responses/${problemWords[status]![0]}` },
  ]);
  return {
    ...{ operationId: name, ...rest, tags },
    // On loopback what is only read needs no token.
    security: right === 'read' || right === 'listeners' ? [{}, { token: [] }] : security,
    ...(asked.length === 0 ? {} : { parameters: asked.map(withWords) }),
    ...(requestBody === undefined ? {} : { requestBody: withEntryWords(requestBody, name) }),
    responses: { ...Object.fromEntries(refused), ...own },
  };
}

function headerNamed(name: keyof typeof headers): JsonSchema {
  return { $ref: `#/components/headers/${name}` };
}

/** Of a response or a body; the description of a response stands in its schema too, which others share. */
function schemaOf(content: unknown): JsonSchema {
  const [media] = isObject(content) ? Object.values(content) : [];
  if (!isObject(media) || !isObject(media['schema'])) throw new Error('there is an answer without a schema');
  const { description: _, ...schema } = media['schema'];
  return schema;
}

/** With `fields`, less is answered. */
function orPart(schema: JsonSchema, operation: string): JsonSchema {
  const { list } = queryRoutes.find((each) => each.operation === operation.replace(/Many$/, '')) ?? {};
  const part = {
    ...{ title: list === undefined ? 'part' : `${list} part`, type: 'object' },
    description: `What \`fields\` leaves${list === undefined ? '' : ` of each of \`${list}\``}`,
    ...(list === undefined
      ? {}
      : {
          properties: { [list]: { type: 'array', items: { type: 'object' } } },
          required: ['snapshot', list],
        }),
  };
  const { properties } = schema;
  if (!operation.endsWith('Many') || !isObject(properties)) return { anyOf: [...alternatives(schema), part] };
  const answers = mapped(properties, (each) =>
    isObject(each) && isObject(each['items'])
      ? { ...each, items: { anyOf: [...alternatives(each['items']), part] } }
      : each,
  );
  return { ...schema, properties: answers };
}

/** What requires the most stands first: clients that generators make take the first that fits. */
function alternatives(schema: JsonSchema): readonly unknown[] {
  const required = (each: unknown): number =>
    isObject(each) && Array.isArray(each['required']) ? each['required'].length : 0;
  return Array.isArray(schema['anyOf'])
    ? schema['anyOf'].toSorted((one, other) => required(other) - required(one))
    : [schema];
}

/** Words stand beside a parameter, not in its schema. */
function withWords(parameter: JsonSchema): JsonSchema {
  const { name, in: where, required, description: said, schema: given } = parameter;
  const { description = said, example, ...schema } = isObject(given) ? given : {};
  return {
    ...{ name, in: where, required, description, schema },
    ...(example === undefined ? {} : { example: schema['type'] === 'array' ? [example] : example }),
  };
}

/** What a body has many of has a name, and words for its parts. */
function withEntryWords(body: unknown, operation: string): unknown {
  if (!isObject(body)) return body;
  const { items } = body;
  if (!isObject(items)) return mapped(body, (value) => withEntryWords(value, operation));
  const properties = mapped(items['properties'], withoutExample);
  const title = entryNames[operation] ?? operation.replace(/Many$/, 'Question');
  return { ...body, items: { ...items, title, properties } };
}

function withoutExample(schema: unknown): unknown {
  if (!isObject(schema)) return schema;
  const { example: _, ...rest } = schema;
  return rest;
}

/** Schemas with a title become components, once. */
function named(value: unknown, schemas: Map<string, unknown>): unknown {
  if (Array.isArray(value)) return value.map((each) => named(each, schemas));
  if (!isObject(value)) return value;
  const inner = mapped(value, (each) => named(each, schemas));
  const { title, ...schema } = inner;
  if (typeof title !== 'string') return inner;
  const name = componentName(title);
  const known = schemas.get(name);
  if (known !== undefined && JSON.stringify(known) !== JSON.stringify(schema))
    throw new Error(`two schemas have the title ${title}`);
  schemas.set(name, schema);
  return { $ref: `#/components/schemas/${name}` };
}

/** `snapshots-list amount` → SnapshotsAmount */
function componentName(title: string): string {
  const [first = '', ...others] = title.split(' ');
  const words = [answerNames[first] ?? first, ...others].flatMap((word) => word.split('-'));
  return words.map((word) => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`).join('');
}

function mapped(value: unknown, of: (value: unknown, key: string) => unknown): Record<string, unknown> {
  return isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([key, each]): [string, unknown] => [key, of(each, key)]))
    : {};
}
