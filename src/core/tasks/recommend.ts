/** `segue recommend`: the items of largest inner product with someone's vector, exactly. */
import type { ItemRecord, TaskContext } from '../contracts.js';
import { banned, preferred } from '../numeric/pairs.js';

import { findListeners, type Listener, type ListenerNames } from '../snapshot/find-listeners.js';
import { snapshotFile, trainedKind } from '../snapshot/layout.js';
import { openScorer } from '../snapshot/open-scorer.js';
import { openForReading } from '../snapshot/open-snapshot.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { openCatalogue } from '../store/catalogue.js';

export interface RecommendOptions extends ListenerNames {
  readonly root: string;
  readonly snapshot?: string | undefined;
  /** Items to leave out. */
  readonly exclude: readonly string[];
  /** Keep what they have heard; bans, dislikes and --exclude still hold. */
  readonly includeHeard: boolean;
  readonly k: number;
}

export type Recommendation = ItemRecord & { readonly rank: number; readonly score: number };

export interface RecommendResult {
  readonly snapshot: string;
  /** null for someone new. */
  readonly user: string | null;
  readonly recommendations: readonly Recommendation[];
}

/** One result a user, in the order given; a single one for someone new. Fewer than k only where fewer are left. */
export async function recommend(options: RecommendOptions, context: TaskContext): Promise<RecommendResult[]> {
  const snapshot = await openForReading(options.root, options.snapshot, context);
  try {
    return recommendIn(snapshot, options);
  } finally {
    snapshot.close();
  }
}

/** The same in a snapshot that is open, which stays open. */
export function recommendIn(
  snapshot: OpenSnapshot,
  options: Omit<RecommendOptions, 'root' | 'snapshot'>,
): RecommendResult[] {
  const opened: { close(): void }[] = [];
  const keep = <T extends { close(): void }>(part: T): T => {
    opened.push(part);
    return part;
  };
  try {
    const scorer = keep(openScorer(snapshot, { maxK: options.k, inMemory: options.users.length > 1 }));
    const listeners = findListeners(snapshot, options, scorer.numItems);
    const catalogue = keep(openCatalogue(snapshot.file(snapshotFile.itemStore)));
    const excluded = options.exclude.map((query) => catalogue.find(trainedKind, query));
    return listeners.map((listener) => {
      const leftOut = [...unwanted(listener, options.includeHeard), ...excluded];
      const recommendations = scorer.best(listener.history, options.k, leftOut).map(({ row, score }, at) => ({
        rank: at + 1,
        ...catalogue.record(trainedKind, row),
        score,
      }));
      return { snapshot: snapshot.id, user: listener.user, recommendations };
    });
  } finally {
    for (const part of opened.reverse()) part.close();
  }
}

/** What someone has heard, unless that is wanted; what they disliked or banned in any case. */
function unwanted({ history }: Listener, includeHeard: boolean): number[] {
  return [...history.item].filter((_, at) => {
    const flags = history.flags[at] ?? 0;
    return !includeHeard || (flags & banned) !== 0 || (flags & preferred) === 0;
  });
}
