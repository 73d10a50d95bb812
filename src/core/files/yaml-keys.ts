/**
 * What a small YAML file may hold, as a table of its keys: reading with every mistake at once, printing in full and an editor's
 * JSON Schema are derived from the table, and so is the type of what is read.
 */
import { nearestWord } from '../edit-distance.js';
import { AppError } from '../errors.js';
import type { YamlNode } from './yaml-document.js';

export type Printed = string | number | readonly Printed[] | PrintedMap;
export interface PrintedMap {
  readonly [key: string]: Printed;
}
export type JsonSchema = Readonly<Record<string, unknown>>;

/** A kind of value. */
export interface Kind<T> {
  /** As a mistake says it. */
  readonly wanted: string;
  readonly schema: JsonSchema;
  /** Of a map. */
  readonly keys?: Keys;
  /** undefined after a mistake, which `file` was told. @param at its key, such as `filters.where` */
  read(node: YamlNode, at: string, file: YamlReading): T | undefined;
  /** undefined for what need not be said. */
  print(value: T): Printed | undefined;
}

/** A row of a table. `Always`: what is read has a value, whether or not the file says one. */
export interface Key<T = unknown, Always extends boolean = boolean> {
  readonly kind: Kind<T>;
  /** One sentence: what it is for. */
  readonly text: string;
  readonly isAlways: Always;
  /** The value where the file says none; what always has one, and no fallback, cannot be left out. */
  readonly fallback?: T;
  /** What a mistake says of its lack. */
  readonly missing?: string;
}
export type Keys = Readonly<Record<string, Key>>;

export function optional<T>(kind: Kind<T>, text: string): Key<T, false> {
  return { kind, text, isAlways: false };
}

export function withDefault<T>(kind: Kind<T>, fallback: NoInfer<T>, text: string): Key<T, true> {
  return { kind, text, isAlways: true, fallback };
}

type CamelCase<N extends string> = N extends `${infer A}-${infer B}` ? `${A}${Capitalize<CamelCase<B>>}` : N;
type ValueOf<R> = R extends Key<infer T, infer Always> ? (Always extends true ? T : T | undefined) : never;
/** What a map of these keys is read as: `max-events` is `maxEvents`. */
export type MapOf<K> = { readonly [N in keyof K & string as CamelCase<N>]: ValueOf<K[N]> };

export function propertyOf(key: string): string {
  return key.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** The value of a key in what a map was read as. */
export function valueIn(map: unknown, key: string): unknown {
  return Reflect.get(Object(map), propertyOf(key));
}

/** A file that is being read: its mistakes, and the line of every key and entry. */
export class YamlReading {
  readonly lines = new Map<string, number>();
  readonly #mistakes: { readonly line: number; readonly key: string; readonly message: string }[] = [];

  /** @param key such as `canaries[0].within`; '' for the whole file */
  add(line: number, key: string, message: string): void {
    this.#mistakes.push({ line, key, message });
  }

  /** AppError 'bad-input-file' where there was a mistake; `details` has the first and all. */
  throwMistakes(path: string, seeAlso: string): void {
    const mistakes = this.#mistakes.toSorted((a, b) => a.line - b.line);
    const [first] = mistakes;
    if (first === undefined) return;
    const texts = mistakes.map(({ line, key, message }) => `line ${line}${key && `, ${key}`}: ${message}`);
    throw new AppError('bad-input-file', `${path} ${texts.join('; ')}`, {
      suggestions: [seeAlso],
      details: { file: path, line: first.line, key: first.key, mistakes },
    });
  }

  /** The values of a map by key; undefined for what is none. Keys that are not known are mistakes. */
  fields(node: YamlNode, at: string, known: readonly string[]): Map<string, YamlNode> | undefined {
    const all = known.join(', ');
    if (node.kind !== 'map') {
      this.add(node.line, at, `wanted a map of ${all}, got ${inWords(node)}`);
      return undefined;
    }
    for (const { key, line } of node.entries) {
      this.lines.set(keyIn(at, key), line);
      if (known.includes(key)) continue;
      const near = nearestWord(key, known);
      const meant = near === undefined ? `known are ${all}` : `did you mean ${near}?`;
      this.add(line, at, `the key ${JSON.stringify(key.slice(0, 80))} is not known; ${meant}`);
    }
    return new Map(node.entries.map(({ key, value }) => [key, value]));
  }
}

function keyIn(at: string, key: string): string {
  return at === '' ? key : `${at}.${key}`;
}

/** What stands somewhere, as messages say it. */
function inWords(node: YamlNode): string {
  if (node.kind !== 'text') return `a ${node.kind}`;
  return node.text === '' ? 'nothing' : JSON.stringify(node.text.slice(0, 80));
}

/** What a text means. @param parse undefined for another text, of which an AppError says what is wrong */
export function scalar<T>(
  wanted: string,
  schema: JsonSchema & { readonly enum?: readonly string[] },
  parse: (text: string) => T | undefined,
  print: (value: T) => Printed | undefined,
): Kind<T> {
  return {
    ...{ wanted, schema, print },
    read(node, at, file) {
      const text = node.kind === 'text' ? node.text : '';
      const near = schema.enum && nearestWord(text, schema.enum);
      const meant = near === undefined ? '' : `; did you mean ${near}?`;
      let problem = `wanted ${wanted}, got ${inWords(node)}${meant}`;
      try {
        const value = text.trim() === '' ? undefined : parse(text);
        if (value !== undefined) return value;
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        problem = error.message.trim();
      }
      file.add(node.line, at, problem);
      return undefined;
    },
  };
}

/** A scalar of YAML that counts as it is written: a song is called 1979, another Yes. */
export function anyText(wanted: string): Kind<string> {
  const schema = { type: ['string', 'number', 'boolean'], pattern: '\\S' };
  return scalar(
    wanted,
    schema,
    (text) => text,
    (text) => text || undefined,
  );
}

function numberIn(
  form: RegExp,
  type: 'number' | 'integer',
  what: string,
  [min, max]: readonly number[],
): Kind<number> {
  const isIn = (value: number): boolean => value >= min! && value <= max!;
  const parse = (text: string): number | undefined =>
    form.test(text) && isIn(Number(text)) ? Number(text) : undefined;
  const schema = { type, minimum: min, maximum: max };
  return scalar(`${what} from ${min} to ${max}`, schema, parse, (value) => value);
}

/** Bounds are inclusive. */
export function wholeNumber(min: number, max: number): Kind<number> {
  return numberIn(/^\d{1,7}$/, 'integer', 'a whole number', [min, max]);
}

export function decimal(min: number, max: number): Kind<number> {
  return numberIn(/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i, 'number', 'a number', [min, max]);
}

/** One of a few words. */
export function words<W extends string>(...known: readonly W[]): Kind<W> {
  return scalar(
    known.join(' or '),
    { enum: known },
    (text) => known.find((word) => word === text),
    (word) => word,
  );
}

/** A list, or a single value for a list of one. @param isNumbered whether the key of a single value is `KEY[0]` */
export function listOf<T>(item: Kind<T>, min: number, max: number, isNumbered = false): Kind<readonly T[]> {
  const list = { type: 'array', items: item.schema, minItems: min, maxItems: max };
  const wanted = `${item.wanted}, or a list of them`;
  return {
    wanted,
    schema: { anyOf: [item.schema, list] },
    print: (values) => (values.length === 0 ? undefined : values.flatMap((value) => item.print(value) ?? [])),
    read(node, at, file) {
      const nodes = node.kind === 'list' ? node.items : [node];
      if (nodes.length < min) file.add(node.line, at, `the list is empty: wanted ${wanted}`);
      if (nodes.length > max)
        file.add(node.line, at, `it has ${nodes.length} entries, ${max} at most are wanted`);
      return nodes.slice(0, max).flatMap((entry, index) => {
        const key = `${at}[${index}]`;
        file.lines.set(key, entry.line);
        return item.read(entry, isNumbered || node.kind === 'list' ? key : at, file) ?? [];
      });
    },
  };
}

/** Items, each by its id or name. */
export const itemsNamed = listOf(anyText("an item's id or name"), 1, 1000);

/** A condition on which keys a map says, as JSON Schema says it. */
type Said =
  { readonly required: readonly string[] } | { readonly anyOf: readonly Said[] } | { readonly not: Said };

/** Says one of these keys. */
export function says(...keys: readonly string[]): Said {
  return { anyOf: keys.map((key) => ({ required: [key] })) };
}

function isSaid(said: Said, fields: ReadonlyMap<string, unknown>): boolean {
  if ('required' in said) return said.required.every((key) => fields.has(key));
  return 'not' in said ? !isSaid(said.not, fields) : said.anyOf.some((each) => isSaid(each, fields));
}

/** What has to hold of the keys of a map. */
export interface Rule {
  readonly holds: Said;
  readonly message: string;
  /** The key whose mistake it is; by default the map's. */
  readonly at?: string;
}

export interface MapKind<K extends Keys> extends Kind<MapOf<K>> {
  readonly keys: K;
  print(value: MapOf<K>): PrintedMap | undefined;
}

/** A map by a table of its keys. @param short the key whose value alone may stand for the map */
export function mapOf<K extends Keys>(
  keys: K,
  rules: readonly Rule[] = [],
  short?: keyof K & string,
): MapKind<K> {
  const rows = Object.entries<Key>(keys);
  const isNeeded = ({ isAlways, fallback }: Key): boolean => isAlways && fallback === undefined;
  const required = rows.flatMap(([key, row]) => (isNeeded(row) ? [key] : []));
  const map = {
    type: 'object',
    properties: Object.fromEntries(
      rows.map(([key, { kind, text, fallback }]) => {
        const said = fallback === undefined ? undefined : kind.print(fallback);
        return [
          key,
          { description: text, ...kind.schema, ...(typeof said === 'object' ? {} : { default: said }) },
        ];
      }),
    ),
    ...{ required, allOf: rules.map(({ holds }) => holds), additionalProperties: false },
  };
  return {
    ...{ keys, wanted: `a map of ${Object.keys(keys).join(', ')}` },
    schema: short === undefined ? map : { anyOf: [keys[short]!.kind.schema, map] },
    print: (value) => {
      const said = rows.flatMap(([key, { kind }]) => {
        const of = valueIn(value, key);
        const printed = of === undefined ? undefined : kind.print(of);
        return printed === undefined ? [] : [[key, printed] as const];
      });
      return said.length === 0 ? undefined : Object.fromEntries(said);
    },
    read(node, at, file) {
      const isShort = short !== undefined && node.kind === 'text';
      const fields = isShort ? new Map([[short, node]]) : file.fields(node, at, Object.keys(keys));
      if (fields === undefined) return undefined;
      const values = rows.map(([key, row]) => {
        const field = fields.get(key);
        const { missing = `the key ${key} is missing` } = row;
        if (field === undefined && isNeeded(row))
          file.add(node.line, at || key, `${missing}: wanted ${row.kind.wanted}`);
        return (field && row.kind.read(field, isShort ? at : keyIn(at, key), file)) ?? row.fallback;
      });
      for (const { holds, message, at: key = '' } of rules) {
        const wrong = fields.get(key);
        if (!isSaid(holds, fields))
          file.add((wrong ?? node).line, wrong === undefined ? at : keyIn(at, key), message);
      }
      if (rows.some(([, row], at) => isNeeded(row) && values[at] === undefined)) return undefined;
      return Object.fromEntries(rows.map(([key], at) => [propertyOf(key), values[at]])) as MapOf<K>;
    },
  };
}

/** What was printed as YAML, a line feed at its end. */
export async function yamlText(printed: PrintedMap): Promise<string> {
  const { stringify } = await import('yaml');
  return stringify(printed, { lineWidth: 0 });
}

/** The keys that a map has, by the name that it says. */
export type Variants = Readonly<Record<string, { readonly keys: Keys; readonly text: string }>>;
type VariantOf<Tag extends string, C, V extends Variants> = {
  [N in keyof V & string]: Readonly<Record<Tag, N>> & MapOf<C> & MapOf<V[N]['keys']>;
}[keyof V & string];

/** A name, or a map that says it under `tag`, with the keys in `common` and those of the name. */
export function variantsOf<Tag extends string, C extends Keys, V extends Variants>(
  tag: Tag,
  text: string,
  common: C,
  variants: V,
): Kind<VariantOf<Tag, C, V>> {
  const names = words(...Object.keys(variants));
  const maps = new Map(
    Object.entries(variants).map(([name, { keys }]) => {
      const tagKey: Key = { kind: words(name), text, isAlways: true };
      return [name, mapOf<Keys>({ [tag]: tagKey, ...common, ...keys })];
    }),
  );
  const known = [...new Set([...maps.values()].flatMap(({ keys }) => Object.keys(keys)))];
  return {
    wanted: `one of ${Object.keys(variants).join(', ')}`,
    schema: {
      anyOf: [
        names.schema,
        ...[...maps].map(([name, { schema }]) => ({ ...schema, description: variants[name]!.text })),
      ],
    },
    print: (value) => maps.get(value[tag])!.print(value),
    read(node, at, file) {
      const named = node.kind === 'map' ? node.entries.find(({ key }) => key === tag)?.value : node;
      if (named === undefined) {
        // What else stands there is looked at all the same: one run tells every mistake.
        file.fields(node, at, known);
        file.add(node.line, at, `the key ${tag} is missing: wanted ${names.wanted}`);
        return undefined;
      }
      const name = names.read(named, node.kind === 'map' ? `${at}.${tag}` : at, file);
      if (name === undefined) return undefined;
      const entries = [{ key: tag, line: node.line, value: named }];
      const map = node.kind === 'map' ? node : { ...node, kind: 'map' as const, entries };
      return maps.get(name)!.read(map, at, file) as VariantOf<Tag, C, V> | undefined;
    },
  };
}

/**
 * What a file holds, by its table, and the line of each key. AppError 'bad-input-file' with every mistake: its line, its key,
 * what was got and wanted. @param check adds what the table does not know
 */
export function readByKeys<K extends Keys>(
  kind: MapKind<K>,
  content: YamlNode | undefined,
  path: string,
  seeAlso: string,
  check: (value: MapOf<K>, file: YamlReading) => void = () => undefined,
): { readonly value: MapOf<K>; readonly lines: ReadonlyMap<string, number> } {
  const file = new YamlReading();
  const value = kind.read(content ?? emptyMap, '', file);
  if (value !== undefined) check(value, file);
  file.throwMistakes(path, seeAlso);
  return { value: value!, lines: file.lines };
}

const emptyMap = { kind: 'map', line: 1, entries: [] } as const;

/** What such a map is that says nothing. */
export function emptyOf<K extends Keys>(kind: MapKind<K>): MapOf<K> {
  return readByKeys(kind, undefined, '', '').value;
}
