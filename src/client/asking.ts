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

/** What a status of an operation has as JSON. */
type Json<O, Status extends number> = O extends {
  responses: Record<Status, { content: { 'application/json': infer A } }>;
}
  ? A
  : never;
type Bytes<O> = O extends { responses: { 200: { content: { 'application/octet-stream': unknown } } } }
  ? ArrayBuffer
  : never;

/** What an operation gives; where it is not there yet, such as a map, how far it is. */
export type Answer<O extends Operation> =
  Json<operations[O], 200> | Bytes<operations[O]> | Json<operations[O], 202>;

export type Recommendations = components['schemas']['Recommendations'];
export type RecipeAnswer = components['schemas']['RecipeAnswer'];

/** How far a map is that is being made. */
export type MapProgress = Json<operations['map'], 202>;

/** Operations that answer in pages. */
export type Paged = { [O in Operation]: 'cursor' extends keyof Asked<O> ? O : never }[Operation];

/** Operations whose list comes as lines too. */
export type Streamed = {
  [O in Operation]: operations[O] extends {
    responses: { 200: { content: { 'application/x-ndjson': unknown } } };
  }
    ? O
    : never;
}[Operation];

/** An entry of the list of an answer. */
export type Line<O extends Streamed, A = Answer<O>> = {
  [K in keyof A]: A[K] extends readonly (infer E extends object)[] ? E : never;
}[keyof A];

/** What is answered depends on whether a recipe is named. */
export type ByModel<O extends Operation> = Asked<O> & { readonly recipe?: undefined };
export type ByRecipe<O extends Operation> = Asked<O> & { readonly recipe: string };
