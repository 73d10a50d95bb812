/** What whoever names a snapshot may not know: tags stay with it when another is made from it, and that one has an index. */
import { join } from 'node:path';
import type { TaskContext } from '../contracts.js';
import { AppError } from '../errors.js';
import { shellWord } from '../shell-word.js';
import { snapshotFile, rootPath } from './layout.js';
import type { Manifest, Member } from './manifest.js';
import type { OpenSnapshot } from './open-snapshot.js';
import { readManifest } from './read-manifest.js';
import { listSnapshotIds, readLinks } from './resolve-reference.js';

/** Says which tags, and which bundle, stay with `from` now that `made` was made from it, and how they are moved. */
export function tellWhatStays(
  root: string,
  from: Pick<OpenSnapshot, 'id' | 'member'>,
  made: string,
  context: TaskContext,
): void {
  const { id: parent, member } = from;
  if (parent === made) return;
  if (member !== undefined) {
    const { bundle, as } = member;
    context.onProgress({
      kind: 'note',
      message: `bundle ${bundle.id} stays as it is, with ${parent} as ${as}`,
      suggestions: [publishingWith(bundle.members, as, made)],
    });
  }
  const named = (of: string): string[] =>
    [...readLinks(root).tags].filter(([, id]) => id === of).map(([name]) => name);
  const tags = named(parent);
  // Who gave it a name of its own knows where the others are.
  if (tags.length === 0 || named(made).length > 0) return;
  const subject = tags.length === 1 ? `the tag ${tags.join('')} stays` : `the tags ${tags.join(', ')} stay`;
  context.onProgress({
    kind: 'note',
    message: `${subject} with ${parent}; \`tag\` gives one to what is made from it`,
    suggestions: tags.map((tag) => `segue snapshots tag ${made} ${shellWord(tag)}`),
  });
}

/** The command that publishes a bundle of the same members, but for one. */
function publishingWith(members: readonly Member[], as: string, made: string): string {
  const named = members.map((each) => `${each.as}=${each.as === as ? made : each.snapshot}`);
  return `segue publish ${named.join(' ')}`;
}

/** Warns of each that has no index where a snapshot that was made from it has one. */
export function tellOfIndexesElsewhere(
  root: string,
  published: string,
  members: readonly Member[] | undefined,
  context: TaskContext,
): void {
  if (members === undefined)
    tellOfIndexElsewhere(root, published, (best) => `segue publish ${best}`, context);
  for (const { as, snapshot } of members ?? [])
    tellOfIndexElsewhere(root, snapshot, (best) => publishingWith(members ?? [], as, best), context);
}

function tellOfIndexElsewhere(
  root: string,
  id: string,
  publishing: (best: string) => string,
  context: TaskContext,
): void {
  const manifests = new Map<string, Manifest>();
  const read = (each: string): Manifest | undefined => {
    try {
      return readManifest(join(rootPath.snapshot(root, each), snapshotFile.manifest));
    } catch (error) {
      // Damaged, or collected just now: nothing to point to.
      if (error instanceof AppError) return undefined;
      throw error;
    }
  };
  if (read(id)?.index !== null) return;
  for (const each of listSnapshotIds(root)) {
    const manifest = read(each);
    if (manifest !== undefined) manifests.set(each, manifest);
  }
  const isFrom = (made: string): boolean => {
    // A forged manifest may be its own ancestor.
    const seen = new Set([made]);
    let parent = manifests.get(made)?.parent ?? null;
    while (parent !== null && parent !== id && !seen.has(parent)) {
      seen.add(parent);
      parent = manifests.get(parent)?.parent ?? null;
    }
    return parent === id;
  };
  const indexed = [...manifests].flatMap(([each, { index }]) =>
    index !== null && isFrom(each) ? [each] : [],
  );
  if (indexed.length === 0) return;
  const { latest } = readLinks(root);
  const best = indexed.find((each) => each === latest) ?? indexed[0] ?? '';
  context.onProgress({
    kind: 'warning',
    message: `${id} has no index; ${best}, which was made from it, has one`,
    suggestions: [publishing(best)],
  });
}
