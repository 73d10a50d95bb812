import { useMemo } from 'preact/hooks';
import type { SnapshotList, SnapshotRow } from '../api/answers.js';
import * as questions from '../api/questions.js';
import { useAnswer, type Answer } from '../api/use-answer.js';

/** The snapshots that there are, and what can be walked through in the one that answers: item, artist, album, listener. */
export function useSnapshots(reference: string | undefined): {
  readonly snapshots: Answer<SnapshotList>;
  readonly kinds: ReadonlySet<string>;
} {
  const snapshots = useAnswer(questions.snapshots(), 'snapshots');
  const probe = useAnswer(questions.kindsProbe(reference), 'kinds');
  const kinds = useMemo(() => {
    const row = snapshots.value && rowOf(snapshots.value, reference);
    const [artist, album] = probe.value?.answers ?? [];
    const has = (answer: typeof artist): boolean =>
      answer !== undefined && answer.problem?.code !== 'missing-part';
    return new Set([
      'item',
      ...(has(artist) ? ['artist'] : []),
      ...(has(album) ? ['album'] : []),
      ...(row?.parts.includes('users') === true ? ['listener'] : []),
    ]);
  }, [snapshots.value, probe.value, reference]);
  return { snapshots, kinds };
}

/** The snapshot that answers: what is current, or the latest while nothing is, where none is named. */
export function rowOf(list: SnapshotList, reference: string | undefined): SnapshotRow | undefined {
  const id = reference ?? list.current ?? list.latest;
  return list.snapshots.find(({ snapshot, tags }) => snapshot === id || tags.some((tag) => tag === id));
}
