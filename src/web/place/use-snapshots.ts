import { useMemo } from 'preact/hooks';
import type { Answer } from '../../client/client.js';
import type { SnapshotList } from '../api/answers.js';
import { query, type Query } from '../api/queries.js';
import { useAnswer, type Asking } from '../api/use-answer.js';

/** The snapshots that there are, and what can be walked through in the one that answers: item, artist, album, listener. */
export function useSnapshots(reference: string | undefined): {
  readonly snapshots: Asking<SnapshotList>;
  readonly kinds: ReadonlySet<string>;
} {
  const snapshots = useAnswer(query('snapshots', {}), 'snapshots');
  const probe = useAnswer(kindsProbe(reference), 'kinds');
  const kinds = useMemo(() => {
    const row = snapshots.value && rowOf(snapshots.value, reference);
    const [artist, album] = probe.value?.answers ?? [];
    const has = (answer: typeof artist): boolean =>
      answer !== undefined && !('problem' in answer && answer.problem.code === 'missing-part');
    return new Set([
      'item',
      ...(has(artist) ? ['artist'] : []),
      ...(has(album) ? ['album'] : []),
      ...(row?.parts.includes('users') === true ? ['listener'] : []),
    ]);
  }, [snapshots.value, probe.value, reference]);
  return { snapshots, kinds };
}

/**
 * Asks of each kind for what does not exist: 'missing-part' is the problem where a snapshot has no such kind, and another
 * where it has.
 */
function kindsProbe(snapshot: string | undefined): Query<Answer<'similarMany'>> {
  const queries = ['artist', 'album'].map((kind) => ({ item: [`${kind}:id:`], kind, k: 1 }));
  return query('similarMany', { queries, snapshot });
}

/** The snapshot that answers: what is current, or the latest while nothing is, where none is named. */
export function rowOf(
  list: SnapshotList,
  reference: string | undefined,
): SnapshotList['snapshots'][number] | undefined {
  const id = reference ?? list.current ?? list.latest;
  return list.snapshots.find(({ snapshot, tags }) => snapshot === id || tags.some((tag) => tag === id));
}
