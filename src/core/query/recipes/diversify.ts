/** Which of the scored candidates make the answer: one after the other, different from each other, none too often. Pure. */
import type { Scored } from './rescore.js';

/** How many items of one artist, or album, an answer may hold. */
export interface Cap {
  /** The recipe's key that it comes from. */
  readonly key: string;
  /** undefined for an item that says none, which is not counted. */
  of(row: number): string | undefined;
  readonly most: number;
}

export interface Diversity {
  /** λ of maximal marginal relevance; undefined: by score alone. */
  readonly mmr: number | undefined;
  /** The cosine between two rows. Only asked for where there is a λ. */
  similarity(row: number, other: number): number;
  readonly caps: readonly Cap[];
}

/** What the choice went by. */
export interface Marginal {
  /** λ · score / best score − (1 − λ) · similarity. */
  readonly value: number;
  /** The row chosen before that it is most like, and how like; null for the first. */
  readonly nearest: number | null;
  readonly similarity: number;
}

export interface Chosen {
  readonly candidate: Scored;
  /** 1 … by score alone. */
  readonly byScore: number;
  /** undefined without λ. */
  readonly marginal: Marginal | undefined;
}

/** A candidate that is not in the answer, though its score is better than one that is. */
export interface PassedOver {
  readonly candidate: Scored;
  readonly byScore: number;
  /** The cap that was reached, with what it counts; or mmr with the chosen row that it is most like. */
  readonly because:
    | { readonly key: string; readonly value: string }
    | { readonly key: 'mmr'; readonly nearest: number; readonly similarity: number };
}

/**
 * The best `length` of `scored` (by score descending), one after the other: always the candidate of largest
 * λ · score / best score − (1 − λ) · (its largest similarity to one chosen before), maximal marginal relevance (Carbonell
 * and Goldstein 1998), among those that no cap excludes; at equal values the one of better score. Without λ by score. Fewer only
 * where the caps leave fewer. A candidate that was less like those chosen before is worth no more now, so that only what
 * leads by what is known of it is compared with those chosen since (lazy evaluation, Minoux 1978). Cost: one similarity a
 * candidate and a few for those that lead once, at most length × candidates.
 */
export function diversify(
  scored: readonly Scored[],
  length: number,
  { mmr, similarity, caps }: Diversity,
): { readonly chosen: Chosen[]; readonly passedOver: PassedOver[] } {
  const best = scored[0]?.score ?? 0;
  const scale = best > 0 ? 1 / best : 0;
  const counts = caps.map(() => new Map<string, number>());
  const capReached = ({ row }: Scored): { key: string; value: string } | undefined => {
    for (const [at, cap] of caps.entries()) {
      const value = cap.of(row);
      if (value !== undefined && (counts[at]!.get(value) ?? 0) >= cap.most) return { key: cap.key, value };
    }
    return undefined;
  };
  const taken = new Uint8Array(scored.length);
  const nearest: (number | null)[] = scored.map(() => null);
  const likeness = new Float64Array(scored.length);
  /** How many of those chosen each was compared with. */
  const compared = new Uint32Array(scored.length);
  const valueOf = (at: number): number =>
    mmr === undefined ? 0 : mmr * scored[at]!.score * scale - (1 - mmr) * likeness[at]!;

  const chosen: Chosen[] = [];
  const compare = (at: number): void => {
    for (; compared[at]! < chosen.length; compared[at]!++) {
      const { row } = chosen[compared[at]!]!.candidate;
      const like = similarity(row, scored[at]!.row);
      if (nearest[at] !== null && like <= likeness[at]!) continue;
      nearest[at] = row;
      likeness[at] = like;
    }
  };
  /** What leads by what is known, ties to the better score; below 0 where nothing may be taken. */
  const leader = (): number => {
    let next = -1;
    let highest = -Infinity;
    for (let at = 0; at < scored.length; at++) {
      if (taken[at] === 1) continue;
      const value = valueOf(at);
      if (value <= highest || capReached(scored[at]!) !== undefined) continue;
      next = at;
      highest = value;
      if (mmr === undefined) break;
    }
    return next;
  };
  while (chosen.length < length) {
    let next = leader();
    while (mmr !== undefined && next >= 0 && compared[next]! < chosen.length) {
      compare(next);
      next = leader();
    }
    if (next < 0) break;
    const candidate = scored[next]!;
    taken[next] = 1;
    const marginal =
      mmr === undefined
        ? undefined
        : { value: valueOf(next), nearest: nearest[next]!, similarity: likeness[next]! };
    chosen.push({ candidate, byScore: next + 1, marginal });
    caps.forEach((cap, at) => {
      const value = cap.of(candidate.row);
      if (value !== undefined) counts[at]!.set(value, (counts[at]!.get(value) ?? 0) + 1);
    });
    // Beside nothing chosen a candidate counts as 0 alike: what is less like the first than that is worth more from here on.
    if (mmr !== undefined && chosen.length === 1)
      for (let at = 0; at < scored.length; at++) if (taken[at] === 0) compare(at);
  }

  const last = chosen.reduce((most, { byScore }) => Math.max(most, byScore), 0);
  const passedOver = scored.slice(0, last).flatMap((candidate, at): PassedOver[] => {
    if (taken[at] === 1) return [];
    const reached = capReached(candidate);
    if (reached === undefined) compare(at);
    const because = reached ?? { key: 'mmr' as const, nearest: nearest[at]!, similarity: likeness[at]! };
    return [{ candidate, byScore: at + 1, because }];
  });
  return { chosen, passedOver };
}
