/** The JSON Schemas of answers, which are those of the commands that give the same: files of the package. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isObject, type JsonSchema } from '../options/kinds.js';

const folder = new URL('../../../schemas/', import.meta.url);

/**
 * Whole within itself, so that it can be a part of another: what it defines stands where it is meant. Titles say what is whose:
 * `similar` of an answer, and of what is defined the name that its type has.
 */
export function answerSchema(name: string): JsonSchema {
  const path = fileURLToPath(new URL(`${name}.json`, folder));
  const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
  if (!isObject(value)) throw new Error(`${path} is no JSON Schema`);
  const { $schema: _, definitions = {}, ...schema } = value;
  return { ...(inlined(schema, definitions as JsonSchema) as JsonSchema), title: name };
}

function inlined(value: unknown, definitions: JsonSchema): unknown {
  if (Array.isArray(value)) return value.map((each) => inlined(each, definitions));
  if (!isObject(value)) return value;
  const { $ref, ...beside } = value;
  if (typeof $ref === 'string') {
    const title = $ref.replace('#/definitions/', '');
    return { ...(inlined(definitions[title], definitions) as object), title };
  }
  const entries = Object.entries(beside).map(([key, each]) => [key, inlined(each, definitions)]);
  // What writes answers by a schema leaves out what that does not name, unless it says that there may be more.
  const mayHaveMore = beside['type'] === 'object' && beside['additionalProperties'] === undefined;
  return { ...Object.fromEntries(entries), ...(mayHaveMore ? { additionalProperties: true } : {}) };
}

/** The same without a key of the object. */
export function withoutKey(schema: JsonSchema, key: string): JsonSchema {
  const { properties, required } = schema;
  return {
    ...schema,
    properties: Object.fromEntries(Object.entries(properties as object).filter(([name]) => name !== key)),
    required: (required as readonly string[]).filter((name) => name !== key),
  };
}

const textList = { type: 'array', items: { type: 'string' } };

/** Of a failure: RFC 9457. */
export const problemSchema: JsonSchema = {
  title: 'Problem',
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'code', 'suggestions'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string' },
    suggestions: textList,
    ids: textList,
    requestId: { type: 'string' },
    pointer: { type: 'string' },
  },
  additionalProperties: false,
};
