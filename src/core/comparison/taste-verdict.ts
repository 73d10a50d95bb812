/** One sentence on what another snapshot means, for the person who decides whether to publish it. */
import { snapshotFile } from '../snapshot/layout.js';
import type { SettingPair } from '../snapshot/compare-manifests.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { isOneModel, sameFile } from './one-model.js';

export type VerdictKind =
  'identical' | 'same-basis' | 'same-taste' | 'similar-taste' | 'different-taste' | 'not-comparable';

export interface Verdict {
  readonly kind: VerdictKind;
  /** One line, without a full stop at its end. */
  readonly sentence: string;
}

/** What was measured; null where it could not be. */
export interface MeasuredTaste {
  /** Rank-biased overlap of the neighbours of well known items, or of all where there are none. */
  readonly rbo: number | null;
  /** Mean cosine of the aligned vectors of the same items. */
  readonly meanCosine: number | null;
  /** Rank-biased overlap of recommendations. */
  readonly recommended: number | null;
  /** Share of the quality that is lost where users of A meet items of B. */
  readonly lost: number | null;
  readonly settings: readonly SettingPair[];
}

/** From here on two trainings learned the same, or much the same: docs/publishing.md has the measurements. */
const sameFrom = 0.8;
const similarFrom = 0.4;

export function judgeTaste(a: OpenSnapshot, b: OpenSnapshot, measured: MeasuredTaste): Verdict {
  if (isOneModel(a, b)) return judgeParts(a, b);
  const { rbo, recommended } = measured;
  const likeness = rbo ?? recommended;
  if (likeness === null) {
    return {
      kind: 'not-comparable',
      sentence: 'not comparable: there is nothing of which both snapshots have neighbours or recommendations',
    };
  }
  const numbers = numbersOf(measured);
  if (likeness >= sameFrom)
    return { kind: 'same-taste', sentence: `the same taste, another basis: ${numbers}` };
  if (likeness >= similarFrom)
    return { kind: 'similar-taste', sentence: `a similar taste, another basis: ${numbers}` };
  return { kind: 'different-taste', sentence: `a different taste: ${numbers}` };
}

/** Two snapshots of one model: what else is in them. */
function judgeParts(a: OpenSnapshot, b: OpenSnapshot): Verdict {
  const { users, index } = { users: partDiffers(a, b, userFiles), index: partDiffers(a, b, indexFiles) };
  if (!users && !index)
    return { kind: 'identical', sentence: 'identical: the same model, the same users, the same index' };
  const kind = 'same-basis';
  const parts = [...(users ? [sideOf(a, b, 'users')] : []), ...(index ? [sideOf(a, b, 'index')] : [])];
  return { kind, sentence: `the identical model, other parts: ${parts.join(', ')}` };
}

const userFiles = [
  snapshotFile.userTable,
  snapshotFile.userVectors,
  snapshotFile.historyItem,
  snapshotFile.historyIndptr,
  snapshotFile.historyWeight,
  snapshotFile.historyFlags,
] as const;
const indexFiles = [snapshotFile.indexCentroids, snapshotFile.indexLists, snapshotFile.indexRows] as const;

function partDiffers(a: OpenSnapshot, b: OpenSnapshot, files: typeof userFiles | typeof indexFiles): boolean {
  return !files.every((name) => sameFile(a, b, name));
}

function sideOf(a: OpenSnapshot, b: OpenSnapshot, part: 'users' | 'index'): string {
  const [inA, inB] = [a.manifest[part] !== null, b.manifest[part] !== null];
  if (inA && inB) return `another ${part === 'users' ? 'set of users' : 'index'}`;
  return `${part} only in ${inA ? 'A' : 'B'}`;
}

function numbersOf({ rbo, meanCosine, recommended, lost }: MeasuredTaste): string {
  const numbers = [
    ...(rbo === null ? [] : [`neighbours agree to ${percent(rbo)}`]),
    ...(meanCosine === null
      ? []
      : [`vectors to a cosine of ${meanCosine.toFixed(2)} after the best rotation`]),
    ...(rbo === null && recommended !== null ? [`recommendations agree to ${percent(recommended)}`] : []),
  ];
  const warning = lost === null || lost < 0.05 ? '' : `; users of one must not meet items of the other`;
  return numbers.join(', ') + warning;
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
