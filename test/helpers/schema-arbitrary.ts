/** Any document that one of schemas/*.json allows: a key that is added there is drawn by itself. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';

type Schema = Record<string, any>;
type Any = fc.Arbitrary<unknown>;

/** Texts as strangers write them. */
export const anyText = fc.oneof(
  fc.constantFrom('Plush', 'Where the Streets Have No Name', '雪の降る街に', '', '👩‍👩‍👧 Family'),
  fc
    .array(fc.constantFrom('a', 'of', 'music', 'Ünïcode', '日本語', 'e\u0301t\u0301'), {
      minLength: 1,
      maxLength: 14,
    })
    .map((words) => words.join(' ')),
  fc.string({ maxLength: 20 }),
);
const anyId = fc.integer({ min: 0, max: 2 ** 32 - 1 }).map((n) => n.toString(16).padStart(16, '0'));
const anyMoment = fc.nat({ max: 4e9 }).map((s) => new Date(s * 1000).toISOString());

/** By the end of their name, what texts are of which a schema says no more. */
const named: readonly (readonly [RegExp, Any])[] = [
  [/^(path|root|out|\w*[dD]irectory|\w*File)$/, anyText.map((name) => `/srv/${name}/file`)],
  [/^(time|at|asOf|\w+At)$/, anyMoment],
];

function textOf({ pattern, minLength = 0 }: Schema, name: string): Any {
  if (pattern === '^[0-9a-f]{16}$') return anyId;
  if (pattern?.startsWith('^\\d{4}-') === true) return anyMoment;
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern.replace(/([^$])$/, '$1$')));
  const known = named.find(([names]) => names.test(name))?.[1];
  return known ?? (minLength > 0 ? anyText.filter((text) => text !== '') : anyText);
}

const numberOf = ({ minimum = -1e6, maximum = Math.max(1e6, minimum) }: Schema): Any =>
  fc
    .double({ min: minimum, max: maximum, noNaN: true })
    // Whose exponent takes no room.
    .map((x) => (Math.abs(x) < 1e-6 ? Math.min(Math.max(0, minimum), maximum) : x));
const integerOf = ({ minimum = 0, maximum = 2 ** 40 }: Schema): Any =>
  fc.oneof(
    fc.integer({ min: minimum, max: Math.min(maximum, minimum + 5000) }),
    fc.maxSafeInteger().map((n) => minimum + (Math.abs(n) % (maximum - minimum + 1))),
  );

const files = new Map<string, Schema>();
function fileOf(name: string): Schema {
  const text = (): string => readFileSync(new URL(`../../schemas/${name}`, import.meta.url), 'utf8');
  const schema = files.get(name) ?? (JSON.parse(text()) as Schema);
  files.set(name, schema);
  return schema;
}

/** @param known what is drawn for a `key`, or a `key.key`, in the place of what its schema says */
export function documentOf(file: string, known: Readonly<Record<string, Any>> = {}): Any {
  const anyOf = (schema: Schema, name: string, home: string): Any => {
    if (schema['$ref'] !== undefined) {
      const [other, pointer] = String(schema['$ref']).split('#') as [string, string];
      const there = other === '' ? home : other;
      const keys = pointer.split('/').slice(1);
      return anyOf(
        keys.reduce((at, key) => at[key], fileOf(there)),
        name,
        there,
      );
    }
    const choices: Schema[] | undefined = schema['anyOf'] ?? schema['oneOf'];
    if (choices !== undefined)
      return fc.oneof(
        ...choices.map((each) =>
          anyOf({ ...schema, anyOf: undefined, oneOf: undefined, ...each }, name, home),
        ),
      );
    if ('const' in schema) return fc.constant(schema['const']);
    if (schema['enum'] !== undefined) return fc.constantFrom(...(schema['enum'] as unknown[]));
    const { type } = schema;
    if (Array.isArray(type))
      return fc.oneof(...type.map((each: string) => anyOf({ ...schema, type: each }, name, home)));
    if (type === 'null') return fc.constant(null);
    if (type === 'boolean') return fc.boolean();
    if (type === 'integer') return integerOf(schema);
    if (type === 'number') return numberOf(schema);
    if (type === 'string') return textOf(schema, name);
    if (type === 'array') return listOf(schema, name, home);
    if (type === 'object') return recordOf(schema, name, home);
    return fc.jsonValue({ maxDepth: 1 });
  };
  const listOf = (
    { items = {}, minItems = 0, maxItems = minItems + 4 }: Schema,
    name: string,
    home: string,
  ): Any =>
    Array.isArray(items)
      ? fc.tuple(...items.map((each: Schema) => anyOf(each, name, home)))
      : fc.array(anyOf(items as Schema, name, home), {
          minLength: minItems,
          maxLength: Math.min(maxItems, minItems + 12),
        });
  const recordOf = (
    { properties = {}, required = [], additionalProperties, propertyNames }: Schema,
    name: string,
    home: string,
  ): Any => {
    const own = Object.entries(properties as Record<string, Schema>).map(
      ([key, schema]) => [key, known[key] ?? known[`${name}.${key}`] ?? anyOf(schema, key, home)] as const,
    );
    const fixed = fc.record(Object.fromEntries(own), {
      requiredKeys: required as string[],
      noNullPrototype: true,
    });
    if (typeof additionalProperties !== 'object') return fixed;
    const key =
      propertyNames === undefined
        ? fc.constantFrom('a metric of long name', 'reg', '日本語')
        : anyOf({ type: 'string', ...propertyNames }, '', home);
    const others = fc.dictionary(key as fc.Arbitrary<string>, anyOf(additionalProperties, '', home), {
      maxKeys: 4,
      noNullPrototype: true,
    });
    return fc.tuple(others, fixed).map(([more, one]) => ({ ...more, ...(one as object) }));
  };
  return anyOf(fileOf(`${file}.json`), '', `${file}.json`);
}
