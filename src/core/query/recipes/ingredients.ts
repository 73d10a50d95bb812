/** Which ingredients of a recipe put an item where it is: what --explain shows. */
import type { ItemRecord, NonNegative, Positive, Rank, Share, Text } from '../../contracts.js';
import type { Chosen, PassedOver } from './diversify.js';
import type { Recipe, RecipeSource } from './recipe.js';

export interface NamedItem {
  readonly id: Text;
  readonly name: Text;
}

export type Ingredient =
  /** A source that found it: its place there, its score there, and its part of the relevance. */
  | {
      readonly ingredient: 'source';
      readonly key: string;
      readonly source: RecipeSource['source'];
      readonly rank: Rank;
      readonly score: number;
      readonly share: Share;
      /** The item that it is near to, of a source that looks near several. */
      readonly near?: NamedItem;
    }
  /** What its relevance was multiplied by. */
  | { readonly ingredient: 'factor'; readonly key: string; readonly factor: NonNegative }
  /** Whether its slot was for a promoted item, or for one that is drawn: then its place in the draw, and from how many. */
  | { readonly ingredient: 'slot'; readonly key: 'promote' }
  | {
      readonly ingredient: 'slot';
      readonly key: 'explore';
      readonly drawn: Rank;
      readonly of: Positive;
    }
  /** Its place by score alone, and why it is in another: what maximal marginal relevance weighed. */
  | {
      readonly ingredient: 'place';
      readonly byScore: Rank;
      /** Its place after diversity, before an order was made. */
      readonly chosen: Rank;
      readonly mmr?: {
        readonly value: number;
        readonly nearest: NamedItem | null;
        readonly similarity: number;
      };
      /** With `order: smooth`: the similarity to the item before it; null for the first. */
      readonly toPrevious?: number | null;
    };

export type PassedOverItem = NamedItem & {
  /** Of a start page: the row that it is not in. */
  readonly row?: Rank;
  readonly score: number;
  readonly byScore: Rank;
  readonly because:
    | { readonly key: string; readonly value: string }
    | { readonly key: 'mmr'; readonly nearest: NamedItem; readonly similarity: number };
};

type NameOf = (row: number) => ItemRecord;

function named(record: ItemRecord): NamedItem {
  return { id: record.id, name: record.name };
}

/** @param place 1 … after diversity @param toPrevious undefined without an order */
export function ingredientsOf(
  { candidate, slot, byScore, marginal, draw }: Chosen,
  place: number,
  toPrevious: number | null | undefined,
  { sources }: Recipe,
  record: NameOf,
): Ingredient[] {
  return [
    ...candidate.shares.map(({ source, rank, score, share, near }): Ingredient => {
      const of = {
        ingredient: 'source',
        key: `sources[${source}]`,
        source: sources[source]!.source,
      } as const;
      const found = { ...of, rank, score, share };
      return near === undefined ? found : { ...found, near: named(record(near)) };
    }),
    ...candidate.factors.map(({ key, factor }): Ingredient => ({ ingredient: 'factor', key, factor })),
    ...(slot === 'promoted' ? [{ ingredient: 'slot', key: 'promote' } as const] : []),
    ...(draw === undefined
      ? []
      : [{ ingredient: 'slot', key: 'explore', drawn: draw.place, of: draw.of } as const]),
    {
      ingredient: 'place',
      byScore,
      chosen: place,
      ...(marginal === undefined
        ? {}
        : {
            mmr: {
              ...marginal,
              nearest: marginal.nearest === null ? null : named(record(marginal.nearest)),
            },
          }),
      ...(toPrevious === undefined ? {} : { toPrevious }),
    },
  ];
}

export function whyPassedOver(
  { candidate, byScore, because }: PassedOver,
  row: number | undefined,
  record: NameOf,
): PassedOverItem {
  return {
    ...named(record(candidate.row)),
    ...(row === undefined ? {} : { row }),
    score: candidate.score,
    byScore,
    because: 'nearest' in because ? { ...because, nearest: named(record(because.nearest)) } : because,
  };
}
