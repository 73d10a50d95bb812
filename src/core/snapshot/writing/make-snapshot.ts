/** Making a snapshot whose id is known before the work: one that is there is found, and any other is written. */
import type { Seconds, SnapshotId, TaskContext, Text } from '../../contracts.js';
import { rootPath } from '../layout.js';
import { markLatest } from '../links.js';
import type { ManifestContent } from '../manifest.js';
import { findMade } from './unchecked.js';
import { beginSnapshot, type CommittedSnapshot, type SnapshotDraft } from './write-snapshot.js';

export interface SnapshotTarget {
  readonly root: string;
  /** undefined where it depends on the work: then nothing is looked for. */
  readonly id: string | undefined;
  readonly tag: string | undefined;
  /** What will be written, about. */
  readonly estimatedBytes: number;
}

/** What a command says of the snapshot that it made. */
export interface MadeSnapshot {
  readonly snapshot: SnapshotId;
  readonly basis: SnapshotId;
  readonly seconds: Seconds;
  /** It had been made before: nothing was computed. */
  readonly existed: boolean;
  readonly tag: string | null;
  /** Its directory. */
  readonly path: Text;
}

export interface FilledSnapshot<Filled> {
  /** What `fill` returned; undefined where the snapshot was made before. */
  readonly filled: Filled | undefined;
  /** Makes it visible, and `latest`, as `SnapshotDraft.commit` does. To be called once, whatever happens. */
  commit(): Promise<CommittedSnapshot>;
}

/**
 * The snapshot of this id, as it was made before, or with the files that `fill` writes into the draft and the manifest
 * that it returns. It is `latest` then, and has the tag. Throws like `findMade`, `beginSnapshot`, `fill` and
 * `SnapshotDraft.commit`; nothing is left behind then, but for what `commit` keeps.
 */
export async function makeSnapshot(
  target: SnapshotTarget,
  fill: (draft: SnapshotDraft) => Promise<ManifestContent>,
  context: TaskContext,
): Promise<CommittedSnapshot> {
  const content = async (draft: SnapshotDraft) => ({ content: await fill(draft) });
  return await (await fillSnapshot(target, content, context)).commit();
}

/**
 * The first half of `makeSnapshot`, for a caller that holds much memory while it fills the draft and nothing of it while
 * it commits: checking the snapshot needs some.
 */
export async function fillSnapshot<Filled extends { readonly content: ManifestContent }>(
  { root, id, tag, estimatedBytes }: SnapshotTarget,
  fill: (draft: SnapshotDraft) => Promise<Filled>,
  context: TaskContext,
): Promise<FilledSnapshot<Filled>> {
  const found = id === undefined ? undefined : await findMade(root, id, context);
  if (found !== undefined) {
    try {
      markLatest(root, found.id, tag);
    } finally {
      found.close();
    }
    const { manifest } = found;
    const made = { id: found.id, path: rootPath.snapshot(root, found.id), existed: true, manifest };
    return { filled: undefined, commit: () => Promise.resolve(made) };
  }
  const draft = beginSnapshot(root, { estimatedBytes }, context);
  try {
    const filled = await fill(draft);
    return { filled, commit: () => draft.commit(filled.content, tag) };
  } catch (error) {
    draft.abandon();
    throw error;
  }
}
