/** Parameters of requests: options of the library by the names that they have on the command line. */
import { checkOptions, type JsonSchema, type OptionKind, type OptionShape } from '../options/kinds.js';
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

/** What a validator found → an error in the words of the command line. */
export function invalid(where: string, issues: readonly Issue[], shape: Shape, renamed: Renamed): HttpError {
  const [issue] = issues;
  if (issue?.keyword === 'additionalProperties') {
    const known = Object.keys(shape).map((name) => `\`${parameterName(name, renamed)}\``);
    const name = String(issue.params['additionalProperty']);
    return new HttpError(400, 'bad-usage', `there is no parameter \`${name}\``, [
      known.length === 0 ? 'it takes none' : `there are ${known.join(', ')}`,
    ]);
  }
  if (issue?.keyword === 'required') {
    const name = String(issue.params['missingProperty']);
    return new HttpError(400, 'bad-usage', `\`${name}\` is missing`);
  }
  // In a body, which of several it is stands before the parameter.
  const places = issue?.instancePath.split('/') ?? [];
  const name =
    places.find((place) => Object.keys(shape).some((each) => parameterName(each, renamed) === place)) ?? '';
  const option = Object.keys(shape).find((each) => parameterName(each, renamed) === name);
  const kind = option === undefined ? undefined : shape[option];
  if (kind === undefined)
    return new HttpError(400, 'bad-usage', `the ${where} ${issue?.message ?? 'is not valid'}`);
  return new HttpError(400, 'bad-usage', `\`${name}\`: wanted ${kind.wanted}`);
}

export interface Issue {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string | undefined;
}
