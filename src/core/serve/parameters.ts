/** Parameters of requests: options of the library by the names that they have on the command line. */
import {
  checkOptions,
  isObject,
  type JsonSchema,
  type OptionKind,
  type OptionShape,
} from '../options/kinds.js';
import { HttpError, kebab } from './problems.js';

/** What a request has to know of an option, whatever its type. */
interface AnyKind extends Pick<OptionKind<never>, 'wanted' | 'schema' | 'isRequired'> {
  readonly fallback?: (() => unknown) | undefined;
}

/** By the names that the library has for them. */
export type Shape = Readonly<Record<string, AnyKind>>;

/** As a program names it → as a request does, where that is not the same with dashes. */
export type Renamed = Readonly<Record<string, string>>;

/** JSON Schema of a shape's options: what is not in it is refused. */
export function parametersOf(shape: Shape, renamed: Renamed = {}): JsonSchema {
  const entries = Object.entries(shape).map(([name, kind]) => {
    if (kind.schema === undefined) throw new Error(`\`${name}\` cannot be asked for by a request`);
    const fallback = kind.fallback?.();
    const hasDefault = ['string', 'number', 'boolean'].includes(typeof fallback);
    return [
      parameterName(name, renamed),
      { ...kind.schema, ...(hasDefault ? { default: fallback } : {}) },
    ] as const;
  });
  const required = Object.entries(shape).flatMap(([name, { isRequired }]) =>
    isRequired === true ? [parameterName(name, renamed)] : [],
  );
  return {
    type: 'object',
    properties: Object.fromEntries(entries),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  };
}

/** Makes of what was asked what the library takes, for any number of requests. AppError 'bad-usage' as the library's. */
export function optionsReader<O>(
  shape: OptionShape<O>,
  renamed: Renamed = {},
): (given: Readonly<Record<string, unknown>>) => O {
  const names = new Map(Object.keys(shape).map((name) => [parameterName(name, renamed), name]));
  return (given) => {
    const options = Object.entries(given).map(([name, value]) => [names.get(name) ?? name, value] as const);
    return checkOptions<O>(shape, Object.fromEntries(options), 'a request');
  };
}

function parameterName(name: string, renamed: Renamed): string {
  return renamed[name] ?? kebab(name);
}

/**
 * What a validator found → an error in the words of the command line; of a body with the place of what is wrong.
 * @param body what was sent as one
 */
export function invalid(
  where: string,
  [issue]: readonly Issue[],
  shape: Shape,
  renamed: Renamed,
  body: unknown,
): HttpError {
  const { instancePath = '', params = {}, keyword = '', message = 'is not valid' } = issue ?? {};
  const [, list = '', at, ...places] =
    where === 'body' ? instancePath.split('/') : ['', '', '', instancePath.slice(1)];
  const key = params['additionalProperty'] ?? params['missingProperty'] ?? '';
  const many: unknown = isObject(body) && at !== undefined ? body[list] : undefined;
  const which = Array.isArray(many) && many.length > 1 ? `${list} ${Number(at) + 1}: ` : '';
  const pointer = where === 'body' ? instancePath + (key === '' ? '' : pointerTo(key)) : undefined;
  const error = (detail: string, suggestions: readonly string[] = []): HttpError =>
    new HttpError(400, 'bad-usage', which + detail, suggestions, pointer);
  const known = Object.keys(shape).map((name) => parameterName(name, renamed));
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
