/** Which snapshots may go: a decision about what was surveyed, without any look at the disk. */
import type { HistoryChange } from '../publishing/history-changes.js';
import type { Protection } from './protections.js';
import type { SurveyedSnapshot } from '../snapshot/survey.js';

export interface KeepRules {
  /** The so many most recently made stay, whatever their age. */
  readonly keep: number;
  /** Only older ones go; undefined: of any age. */
  readonly olderThanMs: number | undefined;
  /** ms since 1970. */
  readonly nowMs: number;
}

/** Why one stays. 'leased': someone reads it; 'denied': it is another user's, and may not be moved. Both are asked later. */
export type KeepReason =
  Protection | 'youngest' | 'young' | 'leased' | 'denied' | 'newer-format' | 'not-a-snapshot' | 'unreadable';

export interface Judged {
  readonly snapshot: SurveyedSnapshot;
  readonly ageMs: number;
  /** Empty: it may go. */
  readonly keptBy: readonly KeepReason[];
}

/**
 * The most recently made first. An age counts from when a snapshot was made or was last current, whichever is later; a
 * time in the future is the age 0, so a clock that is wrong keeps more or takes what age alone kept, and never what
 * is linked. A damaged one is none of the most recent.
 */
export function judgeSnapshots(
  snapshots: readonly SurveyedSnapshot[],
  protections: ReadonlyMap<string, readonly Protection[]>,
  lastCurrentMs: ReadonlyMap<string, number>,
  rules: KeepRules,
): Judged[] {
  const newestFirst = [...snapshots].sort((a, b) => b.madeAtMs - a.madeAtMs || (a.id < b.id ? -1 : 1));
  const youngest = new Set(
    newestFirst
      .filter(({ condition }) => condition === 'whole')
      .slice(0, rules.keep)
      .map(({ id }) => id),
  );
  return newestFirst.map((snapshot) => {
    const { id, condition, madeAtMs } = snapshot;
    const sinceMs = Math.max(madeAtMs, lastCurrentMs.get(id) ?? madeAtMs);
    const ageMs = Math.max(0, rules.nowMs - sinceMs);
    const keptBy: KeepReason[] = [...(protections.get(id) ?? [])];
    if (condition !== 'whole' && condition !== 'damaged') keptBy.push(condition);
    if (youngest.has(id)) keptBy.push('youngest');
    if (rules.olderThanMs !== undefined && ageMs <= rules.olderThanMs) keptBy.push('young');
    return { snapshot, ageMs, keptBy };
  });
}

/** By id when another one last took its place as what is current, ms since 1970. */
export function lastCurrentTimes(changes: readonly HistoryChange[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const { outcome, from, time } of changes) {
    const atMs = Date.parse(time);
    if (outcome === 'abandoned' || from === null || Number.isNaN(atMs)) continue;
    times.set(from, Math.max(atMs, times.get(from) ?? atMs));
  }
  return times;
}
