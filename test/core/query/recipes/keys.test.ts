/** The tables of keys of recipes and gates files: what is derived from them agrees. */
import { readFileSync, readdirSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { AppError } from '#dist/core/errors.js';
import { parseYaml } from '#dist/core/files/yaml-document.js';
import { readByKeys, yamlText, type Keys, type MapKind } from '#dist/core/files/yaml-keys.js';
import { canaryKind, gatesKind } from '#dist/core/gates/gates-file.js';
import { gateNumbers } from '#dist/core/gates/numbers.js';
import { differenceValues } from '#dist/core/comparison/difference-verdicts.js';
import { everySource, recipeKind, sourceKinds } from '#dist/core/query/recipes/keys.js';
import { recipeFrom } from '#dist/core/query/recipes/read-recipe.js';

type Schema = Record<string, any>;
const textOf = (path: string): string =>
  readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8');
const schemaOf = (name: string): Schema => JSON.parse(textOf(`schemas/${name}.schema.json`)) as Schema;

const anyText = fc.oneof(
  fc.constantFrom<unknown>('Plush', 1979, 'Yes', true, ' a: b # c ', '雪の降る街に', '- x', '0x1F', '~'),
  fc.string({ minLength: 1, maxLength: 12 }).filter((text) => text.trim() !== ''),
);
/** By a piece of their pattern, what texts are of which a schema cannot say all. */
const known: readonly (readonly [string, fc.Arbitrary<unknown>])[] = [
  ['[hdwy]', fc.constantFrom('12h', '90d', '1.5w', '2y')],
  ['%', fc.constantFrom<unknown>('20%', '0.1', 0.25, '12.5 %', 0.0001)],
  ['>=', fc.constantFrom('ndcg@100>=0.2', 'items > 3', 'change.loss<-1e-3')],
  ['\\S', fc.constantFrom('released >= 1975', 'artist = "Queen"')],
];

/** Any document that a schema allows, but for what `allOf` says of its keys. */
function documentOf(schema: Schema): fc.Arbitrary<unknown> {
  if (schema['anyOf'] !== undefined) return fc.oneof(...(schema['anyOf'] as Schema[]).map(documentOf));
  if (schema['enum'] !== undefined) return fc.constantFrom(...(schema['enum'] as string[]));
  const { type, pattern, minimum: min, maximum: max } = schema;
  if (pattern !== undefined)
    return type.includes('boolean') ? anyText : known.find(([piece]) => String(pattern).includes(piece))![1];
  if (type === 'integer') return fc.integer({ min, max });
  if (type === 'number') return fc.double({ min, max, noNaN: true });
  if (type === 'array')
    return fc.array(documentOf(schema['items']), { minLength: schema['minItems'] ?? 0, maxLength: 3 });
  const properties = Object.entries<Schema>(schema['properties']).map(([key, of]) => [key, documentOf(of)]);
  return fc.record(Object.fromEntries(properties), { requiredKeys: schema['required'] ?? [] });
}

/** What no schema says, by the message of the reader. */
const beyondSchemas = /the condition|with the share of promote|rows are of parts of a history/;

interface Read {
  readonly printed: Readonly<Record<string, unknown>>;
}
type Reader = (text: string) => Promise<Read>;
const readBy =
  <K extends Keys>(kind: MapKind<K>): Reader =>
  async (text) => ({
    printed: kind.print(readByKeys(kind, await parseYaml(text, 'x'), 'x', '').value) ?? {},
  });
const readRecipe: Reader = async (text) => ({
  printed: recipeKind.print(recipeFrom(await parseYaml(text, 'x'), 'x', 'x'))!,
});

const ajv = new Ajv({ strict: true, strictRequired: false, allowUnionTypes: true });
const files: readonly [string, Reader, ValidateFunction][] = [
  ['recipe', readRecipe, ajv.compile(schemaOf('recipe'))],
  ['gates', readBy(gatesKind), ajv.compile(schemaOf('gates'))],
];

describe.each(files)('a file by the table of keys of %s', (name, read, isAllowed) => {
  const document = documentOf(schemaOf(name)).filter((each) => isAllowed(each));
  /** undefined where the reader refuses it for what the schema could know. */
  const readIfAllowed = async (text: string): Promise<Read | 'beyond' | undefined> => {
    try {
      return await read(text);
    } catch (error) {
      expect(error).toMatchObject({ code: 'bad-input-file' });
      const { mistakes } = (error as AppError).details as { mistakes: { message: string }[] };
      return mistakes.every(({ message }) => beyondSchemas.test(message)) ? 'beyond' : undefined;
    }
  };

  it('is printed so that it reads the same', async () => {
    let numRead = 0;
    const property = fc.asyncProperty(document, async (each) => {
      const first = await readIfAllowed(JSON.stringify(each));
      expect(first).toBeDefined();
      if (first === 'beyond' || first === undefined) return;
      numRead++;
      expect((await read(await yamlText(first.printed as never))).printed).toEqual(first.printed);
    });
    await fc.assert(property, { numRuns: 40 });
    expect(numRead).toBeGreaterThan(8);
  });

  it('is allowed by the schema exactly where it is read, whichever key is changed', async () => {
    const other = fc.constantFrom<unknown>(
      ...[0, 1, -1, 0.5, 1.5, 20, 51, 1e6, 1e7, 2e9, 'x', '', ' ', '90d', '0d', '10%', '0%', '101%'],
      ...['user', 'scores', 'heard', 'all', 'ranks', true, [], {}, [[]], [{}], ['user'], ['a', 'b'], [3]],
    );
    let numRefused = 0;
    const property = fc.asyncProperty(document, fc.nat(), other, fc.nat(3), async (each, at, value, how) => {
      const changed = structuredClone(each) as Record<string, unknown>;
      const places = placesIn(changed);
      const [map, key] = places[at % Math.max(1, places.length)] ?? [changed, 'more'];
      if (how === 0) Reflect.deleteProperty(map, key);
      else if (how === 1) map['more'] = value;
      else map[key] = value;
      const found = await readIfAllowed(JSON.stringify(changed));
      if (found === 'beyond') return;
      if (found === undefined) numRefused++;
      expect(isAllowed(changed), JSON.stringify(changed)).toBe(found !== undefined);
    });
    await fc.assert(property, { numRuns: 100 });
    expect(numRefused).toBeGreaterThan(20);
  });
});

/** Every map in a document with each of its keys. */
function placesIn(node: unknown): [Record<string, unknown>, string][] {
  if (Array.isArray(node)) return node.flatMap(placesIn);
  if (typeof node !== 'object' || node === null) return [];
  const map = node as Record<string, unknown>;
  return Object.entries(map).flatMap(([key, value]) => [[map, key], ...placesIn(value)]);
}

describe('what is made of the tables', () => {
  it.each([
    ...readdirSync(new URL('../../../../recipes', import.meta.url)).map(
      (file) => [0, `recipes/${file}`] as const,
    ),
    ...(['ci', 'classic-rock'] as const).map((folder) => [1, `examples/${folder}/segue-gates.yaml`] as const),
  ])('allows what comes with segue: %j, %s', (which, path) => {
    const [, , isAllowed] = files[which]!;
    expect(isAllowed(parse(textOf(path))), JSON.stringify(isAllowed.errors)).toBe(true);
  });

  it('is current: npm run build && node scripts/make-key-tables.mjs', () => {
    for (const [name, kind] of [
      ['recipe', recipeKind],
      ['gates', gatesKind],
    ] as const) {
      const { $schema: _, title: __, ...schema } = schemaOf(name);
      const isEmpty = (value: unknown): boolean => Array.isArray(value) && value.length === 0;
      const made = JSON.stringify(kind.schema, (___, value: unknown) => (isEmpty(value) ? undefined : value));
      expect(schema).toEqual(JSON.parse(made));
    }
    const textsOf = (keys: Keys): [string, string][] =>
      Object.entries(keys).flatMap(([key, { kind, text }]) => [[key, text], ...textsOf(kind.keys ?? {})]);
    const sources = Object.values(sourceKinds).flatMap(({ keys }) => textsOf(keys));
    const rowsIn = (page: string): string => textOf(page).replaceAll(/ +/g, ' ');
    const pages: [string, string[][]][] = [
      ['docs/reference/recipes.md', [...textsOf(recipeKind.keys), ...textsOf(everySource), ...sources]],
      ['docs/reference/formats.md', [...textsOf(gatesKind.keys), ...textsOf(canaryKind.keys)]],
      [
        'docs/reference/publishing.md',
        gateNumbers.flatMap(({ names, text }) => names.map((name) => [name, text])),
      ],
    ];
    for (const [page, rows] of pages) {
      const lines = rowsIn(page).split('\n');
      for (const [key, text] of rows)
        expect(
          lines.filter((line) => line.includes(`${key!}\``) && line.includes(text!)),
          `${page}: ${key!}`,
        ).not.toEqual([]);
    }
  });

  it('has every number that is compared with what is current', () => {
    const nothing = {
      ...{ items: { added: 0, removed: 0, common: 0 }, users: null, metrics: [] },
      ...{ overlapAt10: null, overlapAt10All: null },
    };
    const compared = gateNumbers.filter(({ from, form }) => from === 'compared' && form === undefined);
    expect(compared.flatMap(({ names }) => names).sort()).toEqual(
      [...differenceValues(nothing).keys()].sort(),
    );
  });
});
