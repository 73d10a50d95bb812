/** Parameters of requests: options by the names that they have on the command line, and what is asked by them. */
import { catalogue } from '../options/catalogue.js';
import { isObject, type JsonSchema, type OptionKind } from '../options/kinds.js';
import { askedOf, operation, type Operation } from '../options/operation.js';
import type { Asked, Words } from '../options/option.js';
import { asParameters, HttpError, parameterName } from './problems.js';

/** What a request has to know of an option, whatever its type. */
interface AnyOption
  extends
    Pick<OptionKind<never>, 'wanted' | 'schema' | 'isRequired'>,
    Partial<Pick<Words, 'about' | 'example' | 'isFile'>> {
  readonly fallback?: (() => unknown) | undefined;
}

/** By the names that the library has for them. */
export type Shape = Readonly<Record<string, AnyOption>>;

/**
 * What of options a request can have: none that names a file of the machine that serves.
 * @param without those that the service answers for itself
 */
export function withoutFiles<S extends object, const K extends string = never>(
  options: S,
  ...without: readonly K[]
): Omit<S, K> {
  const taken = Object.entries(options as Shape).filter(
    ([name, { isFile }]) => isFile !== true && !without.some((each) => each === name),
  );
  return Object.fromEntries(taken) as unknown as Omit<S, K>;
}

/** JSON Schema of options: what is not in it is refused. What each is where it is not given, the core fills in. */
export function parametersOf(shape: Shape): JsonSchema {
  const entries = Object.entries(shape).map(([name, { schema, fallback, about, example }]) => {
    if (schema === undefined) throw new Error(`\`${name}\` cannot be asked for by a request`);
    const usual = fallback?.();
    const hasDefault = ['string', 'number', 'boolean'].includes(typeof usual);
    const words = {
      ...(about === undefined ? {} : { description: sentence(asParameters(about)) }),
      ...(example === undefined ? {} : { example }),
    };
    return [parameterName(name), { ...schema, ...(hasDefault ? { default: usual } : {}), ...words }] as const;
  });
  const required = Object.entries(shape).flatMap(([name, { isRequired }]) =>
    isRequired === true ? [parameterName(name)] : [],
  );
  return {
    type: 'object',
    properties: Object.fromEntries(entries),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  };
}

function sentence(words: string): string {
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}

/** Makes of what was asked what an operation takes, for any number of requests. AppError 'bad-usage' as the library's. */
export function askedBy<S extends object>(of: Operation<S>): AskedBy<S> {
  const names = new Map(
    Object.keys({ ...catalogue, ...of.options }).map((name) => [parameterName(name), name]),
  );
  for (const name of Object.keys(of.options)) names.set(parameterName(name), name);
  const asked = (given: Given): Asked<S> => {
    const options = Object.entries(given).map(([name, value]) => [names.get(name) ?? name, value] as const);
    return askedOf(of, Object.fromEntries(options));
  };
  return Object.assign(asked, { shape: of.options as unknown as Shape });
}

/** Reads a request; `shape` are the options that it may have. */
export interface AskedBy<S> {
  (given: Given): Asked<S>;
  readonly shape: Shape;
}

/** The same of options alone. */
export function optionsReader<S extends object>(options: S): (given: Given) => Asked<S> {
  return askedBy(operation('a request', options));
}

/** What is asked, by the names that a request has for it. */
export type Given = Readonly<Record<string, unknown>>;

/**
 * What a validator found → an error in the words of the command line; of a body with the place of what is wrong.
 * @param body what was sent as one
 */
export function invalid(where: string, [issue]: readonly Issue[], shape: Shape, body: unknown): HttpError {
  const { instancePath = '', params = {}, keyword = '', message = 'is not valid' } = issue ?? {};
  const [, list = '', at, ...places] =
    where === 'body' ? instancePath.split('/') : ['', '', '', instancePath.slice(1)];
  const key = params['additionalProperty'] ?? params['missingProperty'] ?? '';
  const many: unknown = isObject(body) && at !== undefined ? body[list] : undefined;
  const which = Array.isArray(many) && many.length > 1 ? `${list} ${Number(at) + 1}: ` : '';
  const pointer = where === 'body' ? instancePath + (key === '' ? '' : pointerTo(key)) : undefined;
  const error = (detail: string, suggestions: readonly string[] = []): HttpError =>
    new HttpError(400, 'bad-usage', which + detail, suggestions, pointer);
  const known = Object.keys(shape).map((name) => parameterName(name));
  if (keyword === 'additionalProperties') {
    const there = known.map((name) => `\`${name}\``).join(', ');
    return error(
      `there is no parameter \`${key}\``,
      at === undefined || there === '' ? [] : [`there are ${there}`],
    );
  }
  if (keyword === 'required') return error(`\`${key}\` is missing`);
  const found = known.findIndex((name) => places.includes(name));
  if (found < 0) return error(`the ${where} ${message}`);
  return error(`\`${known[found]!}\`: wanted ${Object.values(shape)[found]!.wanted}`);
}

/** A JSON Pointer (RFC 6901). */
export function pointerTo(...keys: readonly (string | number)[]): string {
  return keys.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

export interface Issue {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: Readonly<Partial<Record<string, string>>>;
  readonly message?: string | undefined;
}
