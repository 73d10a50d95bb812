/** What Peggy makes of predicate.peggy when segue is built. */
import type { Predicate } from './predicate.js';

/** Throws what `isSyntaxError` tells from a bug. */
export function parse(text: string): Predicate;

export class SyntaxError extends Error {
  readonly location: { readonly start: { readonly offset: number } };
  /** null where the grammar itself says what is wrong, in the message. */
  readonly expected:
    readonly { readonly type: string; readonly text?: string; readonly description?: string }[] | null;
}
