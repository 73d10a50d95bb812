/** What the API answers, as far as the page shows it. docs/serve.md and /openapi.json have the whole. */

/** An item, artist or album; its other columns are the catalogue's. */
export interface Entity {
  readonly id: string;
  readonly name: string;
  readonly [column: string]: unknown;
}

export type Kind = 'item' | 'artist' | 'album';

export interface EntityFacts {
  readonly snapshot: string;
  readonly kind: Kind;
  readonly item: Entity;
  readonly events: number;
  /** Its place by events, from 1. */
  readonly place: number;
  readonly of: number;
  /** Whether it has a vector: what nobody played has none. */
  readonly ranked: boolean;
}

export interface ItemList {
  readonly snapshot: string;
  readonly of: number;
  readonly items: readonly (Entity & { readonly rank: number; readonly events: number })[];
}

export interface Neighbours {
  readonly snapshot: string;
  readonly kind?: Kind;
  readonly neighbours: readonly (Entity & { readonly rank: number; readonly similarity: number })[];
  readonly search: { readonly method: 'exact' | 'ivf'; readonly recallAt10?: number };
}

export interface MapProgress {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
}

export interface MapItem {
  readonly row: number;
  readonly id: string;
  readonly name: string;
}

export interface MapItems {
  readonly snapshot: string;
  readonly items: readonly MapItem[];
}

export interface Audience {
  readonly snapshot: string;
  /** Who have it in their history already. */
  readonly leftOut: number;
  readonly listeners: readonly { readonly rank: number; readonly id: string; readonly score: number }[];
}

export interface Reason {
  readonly id: string;
  readonly name: string;
  readonly share: number | null;
  readonly opinion: 'liked' | 'heard' | 'disliked';
  readonly plays: number;
}

/** A step of a recipe that brought an item where it is. */
export type Ingredient =
  | {
      readonly ingredient: 'source';
      readonly source: string;
      readonly rank: number;
      readonly near?: { readonly id: string; readonly name: string };
    }
  | { readonly ingredient: 'factor'; readonly key: string; readonly factor: number }
  | { readonly ingredient: 'slot'; readonly key: 'promote' }
  | { readonly ingredient: 'slot'; readonly key: 'explore'; readonly drawn: number; readonly of: number }
  | { readonly ingredient: 'place'; readonly byScore: number; readonly chosen: number };

export interface Recommendation extends Entity {
  readonly rank: number;
  readonly score: number;
  /** Of a recipe that makes several rows, which of them. */
  readonly row?: number;
  readonly because?: readonly Reason[];
  readonly rest?: { readonly items: number; readonly share: number | null };
  readonly ingredients?: readonly Ingredient[];
}

export interface Recommendations {
  readonly snapshot: string;
  readonly user: string | null;
  readonly recommendations: readonly Recommendation[];
  /** The most played, since nothing is known of the listener. */
  readonly fallback?: 'popularity';
  readonly rows?: readonly { readonly title: string }[];
}

interface Named {
  readonly id: string;
  readonly name: string;
}

interface Measured {
  readonly value: number;
  /** The share of the compared listeners who have less. */
  readonly percentile: number;
}

export interface ListenerFacts {
  readonly snapshot: string;
  readonly user: string;
  readonly events: number;
  readonly items: number;
  readonly firstAt: string | null;
  readonly lastAt: string | null;
  readonly contributions: {
    readonly recommendations: number;
    readonly items: readonly (Named & { readonly share: number })[];
    readonly artists?: readonly (Named & { readonly share: number })[];
  } | null;
  readonly nearest: {
    readonly users: readonly { readonly id: string; readonly similarity: number }[];
  } | null;
  readonly taste: {
    readonly mainstream: Measured;
    readonly items: Measured;
    readonly comparedUsers: number;
  } | null;
  readonly recent: {
    readonly items: { readonly gaining: readonly Named[]; readonly losing: readonly Named[] };
  } | null;
  readonly banned: readonly Named[];
  readonly disliked: readonly Named[];
}

export interface ListenerList {
  readonly snapshot: string;
  readonly matching: number;
  readonly of: number;
  readonly users: readonly { readonly rank: number; readonly id: string; readonly events: number }[];
}

/** The service itself. */
export interface Served {
  readonly version: string;
  /** One without a name, or several with names. */
  readonly roots: readonly { readonly name: string | null; readonly snapshot: string }[];
}

export interface RecipeList {
  readonly recipes: readonly { readonly name: string; readonly about: string }[];
}

export interface SnapshotRow {
  readonly snapshot: string;
  readonly current: boolean;
  readonly latest: boolean;
  readonly tags: readonly string[];
  readonly madeAt: string | null;
  readonly model: string | null;
  readonly dim: number | null;
  readonly items: number | null;
  readonly users: number | null;
  readonly parts: readonly string[];
  readonly metrics: Readonly<Record<string, number>>;
  readonly damage: object | null;
}

export interface SnapshotList {
  /** When it was listed. */
  readonly at: string;
  readonly current: string | null;
  readonly latest: string | null;
  readonly snapshots: readonly SnapshotRow[];
}

/** RFC 9457, as the API makes it; and what the page says itself where nothing answers. */
export interface Problem {
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly suggestions: readonly string[];
  readonly ids?: readonly string[];
}
