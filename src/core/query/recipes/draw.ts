/** Draws that are the same for everyone who knows the seed: no state, no clock. */
import { sha256Hex } from '../../files/sha256.js';

export interface DrawKey {
  readonly seed: number;
  /** Which of the times, each as long as the recipe says, it is; null where a draw lasts for good. */
  readonly period: number | null;
  /** Id of the listener; null for a new one. */
  readonly user: string | null;
}

/**
 * `rows` in random order: by the sha256 of seed, period, user and the item's id. Every order is as likely, and where an item
 * enters or leaves, the others keep theirs, in whichever snapshot.
 */
export function drawOrder(
  rows: readonly number[],
  idOf: (row: number) => string,
  { seed, period, user }: DrawKey,
): number[] {
  const keyed = rows.map((row) => ({ row, key: sha256Hex(JSON.stringify([seed, period, user, idOf(row)])) }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ row }) => row);
}
