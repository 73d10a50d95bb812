/** Which of the scored candidates make the answer: one after the other, different from each other, none too often. Pure. */
import type { Scored } from './rescore.js';
import type { SlotKind } from './slots.js';

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

/** A candidate, and the kinds of slots that it may have. */
export interface Offered {
  readonly candidate: Scored;
  /** Whether it may be chosen by score. */
  readonly isRanked: boolean;
  readonly isPromoted: boolean;
  /** Of those that are drawn from which it is, 1 …; undefined: it is not drawn. */
  readonly draw: number | undefined;
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
  readonly slot: SlotKind;
  /** 1 … by score alone, among what may be chosen by score. */
  readonly byScore: number;
  /** undefined without λ, and for what was drawn. */
  readonly marginal: Marginal | undefined;
  /** Of what was drawn: its place in the draw, and from how many. */
  readonly draw: { readonly place: number; readonly of: number } | undefined;
}

/** A candidate that is not in the answer, though its score is better than one that is there by score. */
export interface PassedOver {
  readonly candidate: Scored;
  readonly byScore: number;
  /** The cap that was reached, with what it counts; or mmr with the chosen row that it is most like. */
  readonly because:
    | { readonly key: string; readonly value: string }
    | { readonly key: 'mmr'; readonly nearest: number; readonly similarity: number };
}

/** What a candidate is. */
const [free, taken, capped] = [0, 1, 2];

/**
 * Chooses from candidates one after the other: always the one of largest
 * λ · score / best score − (1 − λ) · (its largest similarity to one chosen before), maximal marginal relevance (Carbonell
 * and Goldstein 1998), among those that may have the slot and that no cap excludes; at equal values the one of better score.
 * Without λ by score. What is drawn comes in the order of the draw, within the caps. A candidate that was less like those
 * chosen before is worth no more now, so that only what is worth more by what is known of it is compared with those chosen
 * since (lazy evaluation, Minoux 1978). Cost: two looks at the candidates for each that is chosen, one similarity a candidate and
 * a few for those that lead once, at most chosen × candidates.
 */
export class Choice {
  readonly chosen: Chosen[] = [];
  readonly #diversity: Diversity;
  /** By cap and value. */
  readonly #counts: readonly Map<string, number>[];
  #offered: readonly Offered[] = [];
  /** 1 / the best score. */
  #scale = 0;
  #numDrawn = 0;
  /** By place among those offered, as all below. */
  #state: Uint8Array = new Uint8Array(0);
  /** Of the first that may be free: all before it are not. */
  #firstFree = 0;
  #byScore: Uint32Array = new Uint32Array(0);
  #nearest: (number | null)[] = [];
  #likeness: Float64Array = new Float64Array(0);
  /** How many of those chosen each was compared with. */
  #compared: Uint32Array = new Uint32Array(0);

  constructor(diversity: Diversity) {
    this.#diversity = diversity;
    this.#counts = diversity.caps.map(() => new Map<string, number>());
  }

  /** Candidates by score descending, in place of those that were there; what is chosen stays. */
  offer(offered: readonly Offered[]): void {
    this.#offered = offered;
    const best = offered.find(({ isRanked }) => isRanked)?.candidate.score ?? 0;
    this.#scale = best > 0 ? 1 / best : 0;
    this.#numDrawn = offered.reduce((drawn, { draw }) => drawn + Number(draw !== undefined), 0);
    const rows = new Set(this.chosen.map(({ candidate }) => candidate.row));
    this.#state = Uint8Array.from(offered, ({ candidate }) => (rows.has(candidate.row) ? taken : free));
    this.#firstFree = 0;
    let numRanked = 0;
    this.#byScore = Uint32Array.from(offered, ({ isRanked }) => (isRanked ? ++numRanked : numRanked + 1));
    this.#nearest = offered.map(() => null);
    this.#likeness = new Float64Array(offered.length);
    this.#compared = new Uint32Array(offered.length);
    if (this.chosen.length > 0) this.#compareWithFirst();
  }

  /** The next one of a slot of this kind; undefined where no candidate may have it. */
  take(slot: SlotKind): Chosen | undefined {
    const at = slot === 'explored' ? this.#nextDrawn() : this.#best(slot);
    if (at === undefined) return undefined;
    const { candidate, draw } = this.#offered[at]!;
    const isDrawn = slot === 'explored' && draw !== undefined;
    const hasMarginal = this.#diversity.mmr !== undefined && !isDrawn;
    const chosen: Chosen = {
      ...{ candidate, slot, byScore: this.#byScore[at]! },
      marginal: hasMarginal
        ? { value: this.#valueOf(at), nearest: this.#nearest[at]!, similarity: this.#likeness[at]! }
        : undefined,
      draw: isDrawn ? { place: draw, of: this.#numDrawn } : undefined,
    };
    this.chosen.push(chosen);
    this.#state[at] = taken;
    this.#diversity.caps.forEach((cap, which) => {
      const value = cap.of(candidate.row);
      const counts = this.#counts[which]!;
      if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1);
    });
    if (this.chosen.length === 1) this.#compareWithFirst();
    return chosen;
  }

  /** Of what may be chosen by score: what is better than the last of those that were. */
  passedOver(): PassedOver[] {
    const bySlot = this.chosen.flatMap(({ slot, byScore }) => (slot === 'score' ? [byScore] : []));
    const last = bySlot.reduce((most, byScore) => Math.max(most, byScore), 0);
    return this.#offered.flatMap(({ candidate, isRanked }, at): PassedOver[] => {
      const byScore = this.#byScore[at]!;
      if (!isRanked || byScore >= last || this.#state[at] === taken) return [];
      const reached = this.#capReached(candidate.row);
      if (reached !== undefined) return [{ candidate, byScore, because: reached }];
      // Without λ it came up only when more candidates were taken.
      if (this.#diversity.mmr === undefined) return [];
      this.#compare(at, this.chosen.length);
      const because = { key: 'mmr', nearest: this.#nearest[at]!, similarity: this.#likeness[at]! } as const;
      return [{ candidate, byScore, because }];
    });
  }

  /** The place of the best that may have the slot. */
  #best(slot: 'score' | 'promoted'): number | undefined {
    const isOpen = ({ isRanked, isPromoted }: Offered): boolean => (slot === 'score' ? isRanked : isPromoted);
    let next = this.#leader(isOpen);
    if (next === undefined || this.#diversity.mmr === undefined) return next;
    this.#compare(next, this.chosen.length);
    let highest = this.#valueOf(next);
    // What is worth no more by what is known of it is worth no more at all.
    const isBetter = (at: number): boolean => {
      const value = this.#valueOf(at);
      return value > highest || (value === highest && at < next!);
    };
    for (let at = 0; at < this.#offered.length; at++) {
      if (at === next || !isOpen(this.#offered[at]!) || !isBetter(at) || !this.#isFree(at)) continue;
      this.#compare(at, this.chosen.length);
      if (isBetter(at)) [next, highest] = [at, this.#valueOf(at)];
    }
    return next;
  }

  /** What leads by what is known, ties to the better score. */
  #leader(isOpen: (offered: Offered) => boolean): number | undefined {
    let next: number | undefined;
    let highest = -Infinity;
    while (this.#state[this.#firstFree] !== free && this.#firstFree < this.#offered.length) this.#firstFree++;
    for (let at = this.#firstFree; at < this.#offered.length; at++) {
      if (this.#state[at] !== free || !isOpen(this.#offered[at]!)) continue;
      const value = this.#valueOf(at);
      if (value <= highest || !this.#isFree(at)) continue;
      next = at;
      highest = value;
      if (this.#diversity.mmr === undefined) break;
    }
    return next;
  }

  #nextDrawn(): number | undefined {
    let next: number | undefined;
    let first = Infinity;
    for (const [at, { draw }] of this.#offered.entries()) {
      if (draw === undefined || draw >= first || !this.#isFree(at)) continue;
      next = at;
      first = draw;
    }
    return next;
  }

  #valueOf(at: number): number {
    const { mmr } = this.#diversity;
    if (mmr === undefined) return 0;
    return mmr * this.#offered[at]!.candidate.score * this.#scale - (1 - mmr) * this.#likeness[at]!;
  }

  /** Beside nothing chosen a candidate counts as 0 alike: what is less like the first than that is worth more from here on. */
  #compareWithFirst(): void {
    if (this.#diversity.mmr === undefined) return;
    for (let at = 0; at < this.#offered.length; at++) if (this.#state[at] !== taken) this.#compare(at, 1);
  }

  /** @param to how many of those chosen it is then compared with */
  #compare(at: number, to: number): void {
    const { row } = this.#offered[at]!.candidate;
    for (; this.#compared[at]! < to; this.#compared[at]!++) {
      const other = this.chosen[this.#compared[at]!]!.candidate.row;
      const like = this.#diversity.similarity(other, row);
      if (this.#nearest[at] !== null && like <= this.#likeness[at]!) continue;
      this.#nearest[at] = other;
      this.#likeness[at] = like;
    }
  }

  /** Neither taken, nor by a cap: that holds from then on. */
  #isFree(at: number): boolean {
    if (this.#state[at] !== free) return false;
    if (this.#capReached(this.#offered[at]!.candidate.row) === undefined) return true;
    this.#state[at] = capped;
    return false;
  }

  #capReached(row: number): { readonly key: string; readonly value: string } | undefined {
    for (const [which, cap] of this.#diversity.caps.entries()) {
      const value = cap.of(row);
      if (value !== undefined && (this.#counts[which]!.get(value) ?? 0) >= cap.most)
        return { key: cap.key, value };
    }
    return undefined;
  }
}
