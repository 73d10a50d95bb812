/** Which snapshots are spoken for: by `current`, by what was current before it, by `latest`, by tags. */
import { join } from 'node:path';
import { AppError } from '../errors.js';
import { publishedBefore, publishedIds, readHistory } from '../snapshot/publication-log.js';
import { currentName, isTag, latestName, previousName, rootPath } from '../snapshot/layout.js';
import { readCurrent, readLatest, readTag } from '../snapshot/resolve-reference.js';
import { isDirectory, sortEntries, type Foreign } from '../snapshot/survey.js';

/** 'current', 'previous', 'latest', 'tag:<name>', or 'bundle:<id>': it is a member of that one. */
export type Protection = 'current' | 'previous' | 'latest' | `tag:${string}` | `bundle:${string}`;

export interface Protections {
  readonly byId: ReadonlyMap<string, readonly Protection[]>;
  /** Entries of tags/ that are no tags, or lead to nothing. */
  readonly foreign: readonly Foreign[];
}

/**
 * Reads all of them, now. None depends on a clock. Throws damaged-root where it is not known what is published or was
 * made last: then nothing may be deleted.
 */
export function readProtections(root: string): Protections {
  const byId = new Map<string, Protection[]>();
  const protect = (id: string | undefined, why: Protection): void => {
    if (id !== undefined) byId.set(id, [...(byId.get(id) ?? []), why]);
  };
  const current = readCurrent(root);
  if (current !== undefined && !isDirectory(rootPath.snapshot(root, current)))
    throw danglingCurrent(root, current);
  protect(current, currentName);
  const history = readHistory(root);
  // Where `current` is missing, and history says that something was current, that was before.
  protect(
    current === undefined ? publishedIds(history, current).at(-1) : publishedBefore(history, current),
    previousName,
  );
  protect(readLatest(root), latestName);
  const tags = new Map<string, string>();
  const isOurs = (name: string): boolean => {
    const id = isTag(name) ? tagged(root, name) : undefined;
    if (id !== undefined) tags.set(name, id);
    return id !== undefined;
  };
  const { foreign } = sortEntries(root, rootPath.tags(root), isOurs);
  for (const [name, id] of tags) {
    protect(id, `tag:${name}`);
    if (!isDirectory(rootPath.snapshot(root, id)))
      foreign.push({ path: join('tags', name), is: `a tag of ${id}, which is not there` });
  }
  return { byId, foreign };
}

/** Links that are not segue's keep nothing, and are no reason to stop: they are reported. */
function tagged(root: string, name: string): string | undefined {
  try {
    return readTag(root, name);
  } catch (error) {
    if (error instanceof AppError && error.code === 'damaged-root') return undefined;
    throw error;
  }
}

function danglingCurrent(root: string, current: string): AppError {
  const link = rootPath.current(root);
  return new AppError(
    'damaged-root',
    `${link} names the snapshot ${current}, which is not there; nothing is deleted until another one is published`,
    { suggestions: ['segue publish'], details: { file: link } },
  );
}
