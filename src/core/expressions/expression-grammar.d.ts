/** What Peggy makes of expression.peggy when segue is built. */
import type { Expression, Predicate } from './tree.js';

/** Throws `SyntaxError`. */
export function parse(text: string, options: { readonly startRule: 'Predicate' }): Predicate;
export function parse(text: string, options: { readonly startRule: 'Value' }): Expression;

export class SyntaxError extends Error {
  readonly location: { readonly start: { readonly offset: number } };
  /** null where the grammar itself says what is wrong, in the message. */
  readonly expected:
    readonly { readonly type: string; readonly text?: string; readonly description?: string }[] | null;
}
