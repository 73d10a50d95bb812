/** Canary items: what must, or must not, stand near something in a snapshot that may become current. */

/** What is asked, in the words of a gates file. Items are named as everywhere: by id, by name, or by `id:…`, `name:…`. */
export interface CanaryItem {
  readonly asked:
    | { readonly kind: 'similar'; readonly items: readonly string[]; readonly minus: readonly string[] }
    | { readonly kind: 'recommend'; readonly like: readonly string[]; readonly dislike: readonly string[] };
  readonly contains: readonly string[];
  readonly lacks: readonly string[];
  /** The length of the list that is looked at. */
  readonly within: number;
  /** Of every item that is contained, at least. */
  readonly minSimilarity: number | undefined;
  /** File and line. */
  readonly source: string;
}

/** The longest list that is looked at. */
export const maxWithin = 1000;
