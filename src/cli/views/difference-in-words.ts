/** What `diff-snapshots` says of two bundles, and of what was asked for, on a screen and in Markdown. */
import { share } from '../../core/comparison/difference-in-words.js';
import type { BundleDiffResult, DiffOptions } from '../../core/tasks/diff-snapshots.js';
import { decimals } from '../terminal/numbers.js';

/** What the user called the two snapshots. */
export type AskedFor = Pick<DiffOptions, 'a' | 'b'>;

/** `nightly = 0123456789abcdef`, or the id alone. Not safe to show yet. */
export function sideName(snapshot: string, called: string | undefined): string {
  return called === undefined || snapshot.startsWith(called) ? snapshot : `${called} = ${snapshot}`;
}

const kindsOfChange = { changed: 'changed', added: 'only in B', removed: 'only in A', same: 'the same' };

/** Of two bundles: the names under each change. */
export function bundleSentence({ a, b, members }: BundleDiffResult): string {
  if (a.bundle === b.bundle) return 'Identical: one and the same bundle';
  const parts = (['changed', 'added', 'removed', 'same'] as const).flatMap((change) => {
    const names = members.filter((member) => member.change === change).map(({ as }) => as);
    return names.length === 0 ? [] : [`${kindsOfChange[change]}: ${names.join(', ')}`];
  });
  const sentence = parts.join('; ');
  return sentence.slice(0, 1).toUpperCase() + sentence.slice(1);
}

/** Which member answers where none is named, where that is another one now. */
export function firstInWords({ a, b }: BundleDiffResult): string | undefined {
  const [before, now] = [a.members[0]?.as, b.members[0]?.as];
  return before === now ? undefined : `Readers who name none get ${now ?? ''} now, not ${before ?? ''}`;
}

/** A line a member of two bundles. */
export interface MemberRow {
  readonly as: string;
  readonly change: string;
  readonly a: string;
  readonly b: string;
  readonly neighbours: string;
  readonly recommendations: string;
}

export function memberRows({ members }: BundleDiffResult): MemberRow[] {
  return members.map(({ as, change, a, b, difference }) => {
    const neighbours = difference?.overlapAt10 ?? difference?.overlapAt10All ?? null;
    const recommended = difference?.recommendations?.overlapAt10 ?? null;
    return {
      ...{ as, change: kindsOfChange[change], a: a ?? '–', b: b ?? '–' },
      neighbours: neighbours === null ? '' : share(neighbours),
      recommendations: recommended === null ? '' : share(recommended),
    };
  });
}

export function conditionInWords({ as, name, value, condition }: BundleDiffResult['failOn'][number]): string {
  return `${as === undefined ? '' : `${as}: `}${name} is ${value === null ? 'not known' : decimals(value)}, and fails on ${condition}`;
}
