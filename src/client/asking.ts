/** What each operation takes and gives: the types of the OpenAPI document, with the names that JavaScript has for parameters. */
import type { components, operations } from './openapi.js';

export type Operation = keyof operations;

/** max-per-artist → maxPerArtist */
type CamelCase<S> = S extends `${infer Head}-${infer Tail}` ? `${Head}${Capitalize<CamelCase<Tail>>}` : S;

/** Undefined stands for what is not asked. */
type Named<T> = {
  readonly [K in keyof T as CamelCase<K>]: object extends Pick<T, K> ? Value<T[K]> | undefined : Value<T[K]>;
};
/** What a body has a list of has names too. */
type Value<T> = T extends readonly (infer E extends object)[] ? readonly Named<E>[] : T;

/** In an address, one of a list stands for a list of one. */
type InAddress<T> = {
  readonly [K in keyof T]: T[K] extends readonly (infer E)[] | undefined ? E | T[K] : T[K];
};

type Part<O, K extends 'query' | 'path'> = O extends { parameters: Partial<Record<K, infer P>> }
  ? // Without exactOptionalPropertyTypes what is never there is undefined.
    [NonNullable<P>] extends [never]
    ? object
    : InAddress<NonNullable<P>>
  : object;
type Body<O> = O extends { requestBody: { content: { 'application/json': infer B } } } ? B : object;

/** The parameters of an operation, wherever a request has them: in its path, query or body. */
export type Asked<O extends Operation> = Named<
  Part<operations[O], 'query'> & Part<operations[O], 'path'> & Body<operations[O]>
>;

export type Answer<O extends Operation> = operations[O] extends {
  responses: { 200: { content: { 'application/json': infer A } } };
}
  ? A
  : never;

export type Recommendations = components['schemas']['Recommendations'];
export type RecipeAnswer = components['schemas']['RecipeAnswer'];

/** How far a map is that is being made. */
export type MapProgress = operations['map']['responses'][202]['content']['application/json'];
