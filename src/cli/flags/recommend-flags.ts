/** The flags of `recommend`, together. */
import { filterFlags, filterOptions } from './filter-flags.js';
import { flagsNamed } from './flags.js';
import { rankingFlags, userListFlags } from './ranking-flags.js';
import { recipeFlags } from './recipe-flags.js';

export const recommendFlags = {
  ...flagsNamed('k', 'like', 'dislike', 'include-heard', 'kind', 'vector', 'max-per-artist'),
  ...filterFlags,
  ...flagsNamed('explain', 'reasons', 'why-not', 'snapshot'),
  ...recipeFlags,
  ...userListFlags,
  ...rankingFlags,
};

type FilterFlags = Parameters<typeof filterOptions>[0];

interface RecommendFlags extends FilterFlags {
  readonly root: string;
  readonly snapshot: string | undefined;
  readonly like: string[] | undefined;
  readonly dislike: string[] | undefined;
  readonly 'include-heard': boolean;
  readonly k: number;
  readonly explain: boolean;
  readonly reasons: number;
  readonly 'why-not': string[] | undefined;
  readonly kind: string;
  readonly vector: string | undefined;
  readonly 'max-per-artist': number | undefined;
}

/** What every way to recommend is told. */
export function recommendOptions(
  flags: RecommendFlags,
  users: readonly string[],
): {
  readonly root: string;
  readonly snapshot: string | undefined;
  readonly users: readonly string[];
  readonly like: readonly string[];
  readonly dislike: readonly string[];
  readonly includeHeard: boolean;
  readonly k: number;
  readonly explain: boolean;
  readonly reasons: number;
  readonly whyNot: readonly string[];
  readonly kind: string;
  readonly vector: string | undefined;
  readonly maxPerArtist: number | undefined;
} & ReturnType<typeof filterOptions> {
  const { root, snapshot, like, dislike, k, explain, reasons, kind, vector } = flags;
  return {
    ...{ root, snapshot, users, like: like ?? [], dislike: dislike ?? [] },
    ...{ includeHeard: flags['include-heard'], k, explain, reasons, whyNot: flags['why-not'] ?? [] },
    ...filterOptions(flags),
    ...{ kind, vector, maxPerArtist: flags['max-per-artist'] },
  };
}
