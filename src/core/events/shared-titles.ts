/** Titles of events, and how many artists they have. */

/** The first and the last of the artists of a title: one of them twice where there is one. */
export type Artists = readonly [string, string];

/** Titles of events that count: those of several artists, each with its events. */
export interface CountedTitles {
  readonly titles: number;
  readonly shared: readonly (readonly [title: string, ...Artists, events: number])[];
}

export function withArtists(found: Artists | undefined, [first, last]: Artists): Artists {
  if (found === undefined) return [first, last];
  return [first < found[0] ? first : found[0], last > found[1] ? last : found[1]];
}
