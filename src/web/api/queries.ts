/** What the page asks: an operation of the service, and its parameters by the names of the client. */
import type { Answer, Asked, Operation } from '../../client/client.js';
import type { Kind } from './answers.js';

export interface Query<T> {
  readonly operation: Operation;
  readonly asked: object;
  /** Of a service that has several roots which of them answers. */
  readonly root?: string | undefined;
  /** Of what answers it: it is never read. */
  readonly answer?: T;
}

export function query<O extends Operation>(operation: O, asked: Asked<O>): Query<Answer<O>> {
  return { operation, asked };
}

/** As the API names one exactly, whatever others are called. */
export function referenceTo(kind: Kind, id: string): string {
  return kind === 'item' ? `id:${id}` : `${kind}:id:${id}`;
}

/** An item, artist or album. */
export function facts(kind: Kind, id: string, snapshot: string | undefined): Query<Answer<'item'>> {
  return query('item', { item: referenceTo(kind, id), snapshot });
}
