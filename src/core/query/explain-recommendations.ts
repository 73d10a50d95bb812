/** `recommend --explain`: what of a user's own items made a score. */
import type { Count, Pairs, Text } from '../contracts.js';
import { isTime, noTime, preferred } from '../numeric/pairs.js';
import type { FeaturePart } from '../snapshot/added-features.js';
import type { ExplainedScores } from './scoring/scorer.js';
import { trainedKind } from '../snapshot/layout.js';
import type { Catalogue } from '../store/catalogue.js';

/** A user's opinion of an item: `liked` where the query says so, `heard` where the history does. */
export type Opinion = 'liked' | 'heard' | 'disliked';

/** One of their items, and what it adds to a score. */
export interface Reason {
  readonly id: Text;
  readonly name: Text;
  /** The member of a blend whose part of the score this is: an item may be there for each of them. */
  readonly member?: Text;
  /** Negative where it takes away. */
  readonly contribution: number;
  /** contribution / score, of a blend contribution / (score − baseline); null where that is not above 0. */
  readonly share: number | null;
  readonly opinion: Opinion;
  /** Events of the pair. */
  readonly plays: Count;
  /** ISO 8601 UTC of the latest one; null where it has no time. */
  readonly lastAt: string | null;
}

/** A value of an item's columns, and what its vector adds to the score. */
export interface ColumnReason {
  readonly column: Text;
  readonly value: Text;
  readonly contribution: number;
  readonly share: number | null;
}

export interface Explanation {
  /** Of an item that nobody played, whose vector was made from its columns: which of its values make the score. */
  readonly knownBy?: readonly ColumnReason[];
  /** Those of the largest contributions, either way, first; none that adds nothing. Empty: the score is that of any item. */
  readonly because: readonly Reason[];
  /** All others together: with them, and the baseline of a blend, the contributions add up to the score. */
  readonly rest: { readonly items: Count; readonly contribution: number; readonly share: number | null };
}

/** How scores come about: by a user's own items, or by how popular an item is, the same for everyone. */
export type ScoredBy = 'own-items' | 'popularity';

/** A user's history, and what the query adds to it. */
export interface Explained {
  readonly history: Pairs;
  /** Rows of the items that the query says they like. */
  readonly liked: readonly number[];
}

/**
 * Why the items of `rows` have their `scores`, each by the `reasons` largest contributions of the history's items; undefined
 * where scores are the same for everyone. How they add up: models/folding/score-parts.ts.
 */
export function explanationsOf(
  scores: ExplainedScores,
  ranked: readonly { readonly row: number; readonly score: number }[],
  { history, liked }: Explained,
  reasons: number,
  catalogue: Catalogue,
  ofColumns: (row: number, user: Float32Array) => readonly FeaturePart[] | undefined,
): Explanation[] | undefined {
  const parts = scores.parts();
  if (parts === undefined) return undefined;
  const { items, members, baseline = 0 } = parts;
  const places = new Map(Array.from(history.item, (row, at) => [row, at] as const));
  return ranked.map(({ row: target, score }) => {
    const own = parts.of(target);
    const sum = score - baseline;
    const shareOf = (part: number): number | null => (sum > 0 ? part / sum : null);
    const adding = [...items.keys()].filter((p) => own[p] !== 0);
    const order = adding.sort((a, b) => Math.abs(own[b] ?? 0) - Math.abs(own[a] ?? 0) || a - b);
    const because = order.slice(0, reasons).map((p): Reason => {
      const row = items[p] ?? 0;
      const contribution = own[p] ?? 0;
      const { id, name } = catalogue.record(trainedKind, row);
      const opinion = opinionOf(history, places.get(row) ?? 0, liked.includes(row));
      const member = members?.[p];
      const found = { id, name, ...(member === undefined ? {} : { member }) };
      return { ...found, contribution, share: shareOf(contribution), ...opinion };
    });
    const others = order.slice(reasons);
    const values = scores.vector && ofColumns(target, scores.vector);
    const knownBy = values?.slice(0, reasons).map((part) => ({ ...part, share: shareOf(part.contribution) }));
    const contribution = others.reduce((sum, p) => sum + (own[p] ?? 0), 0);
    return {
      ...(knownBy && { knownBy }),
      because,
      rest: { items: others.length, contribution, share: shareOf(contribution) },
    };
  });
}

/** What the pair at `at` of a history with one row says. */
export function opinionOf(
  history: Pairs,
  at: number,
  isLiked: boolean,
): { readonly opinion: Opinion; readonly plays: number; readonly lastAt: string | null } {
  const isDislike = ((history.flags[at] ?? 0) & preferred) === 0;
  const lastAt = history.lastAt[at] ?? noTime;
  return {
    opinion: isDislike ? 'disliked' : isLiked ? 'liked' : 'heard',
    plays: history.count[at] ?? 0,
    lastAt: isTime(lastAt) ? isoTime(lastAt) : null,
  };
}

/** undefined-free: a time beyond what a date can hold has none. */
function isoTime(ms: bigint): string | null {
  const date = new Date(Number(ms));
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
