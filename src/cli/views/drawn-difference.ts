/** What is drawn of the result of `diff-snapshots`, on a screen and as Markdown. */
import type { ItemRecord } from '../../core/contracts.js';

interface Side {
  readonly snapshot: string;
  readonly basis: string;
  readonly model: string;
  readonly dim: number;
  readonly items: number;
  readonly users: number | null;
}

export interface DrawnCounts {
  readonly added: number;
  readonly removed: number;
  readonly common: number;
}

/** A value of both sides, under its name. */
export interface SidePair {
  readonly name: string;
  readonly a: unknown;
  readonly b: unknown;
}

export interface DrawnMetric extends SidePair {
  readonly a: number | null;
  readonly b: number | null;
  /** b − a */
  readonly change: number | null;
}

export interface DrawnDecile {
  /** 1 is the least heard tenth of the items. */
  readonly decile: number;
  readonly items: number;
  readonly leastListeners: number;
  readonly mostListeners: number;
  readonly overlapAt10: number;
  readonly rbo: number;
  readonly drift: number | null;
}

export interface DrawnReader {
  readonly user: string;
  readonly overlap: number;
  readonly gone: readonly ItemRecord[];
  readonly came: readonly ItemRecord[];
}

export interface DrawnCondition {
  readonly name: string;
  readonly value: number | null;
  readonly condition: string;
  /** The comparison fails. */
  readonly holds: boolean;
}

export interface DrawnDifference {
  readonly verdict: { readonly kind: string; readonly sentence: string };
  readonly a: Side;
  readonly b: Side;
  readonly items: DrawnCounts & {
    readonly addedTop: readonly ItemRecord[];
    readonly removedTop: readonly ItemRecord[];
  };
  readonly users: DrawnCounts | null;
  readonly overlapAt10: number | null;
  readonly overlapAt10All: number | null;
  readonly rbo: number | null;
  readonly rboAll: number | null;
  readonly compared: { readonly items: number; readonly itemsAll: number; readonly all: boolean };
  readonly deciles: readonly DrawnDecile[];
  readonly drift: {
    readonly aligned: 'rotation' | 'direct';
    readonly items: number;
    readonly meanCosine: number;
    readonly p10Cosine: number;
    readonly residual: number;
  } | null;
  readonly settings: readonly (SidePair & { readonly same: boolean })[];
  readonly metrics: readonly DrawnMetric[];
  readonly changedMost: readonly (ItemRecord & { readonly overlap: number })[];
  readonly movedMost: readonly (ItemRecord & { readonly cosine: number })[];
  readonly recommendations: {
    readonly users: number;
    readonly overlapAt10: number;
    readonly rbo: number;
    readonly changedMost: readonly DrawnReader[];
  } | null;
  readonly skew: {
    readonly users: number;
    readonly measure: string;
    readonly matched: number;
    readonly mixed: number;
    readonly rotated: number | null;
    readonly lost: number;
  } | null;
  readonly failOn: readonly DrawnCondition[];
}

/** What the user called the two snapshots. */
export interface AskedFor {
  readonly a: string;
  readonly b: string;
}
