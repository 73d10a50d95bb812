/** The links that making commands move: `latest`, and tags. `current` is moved by publishing only. */
import { lstatSync, unlinkSync } from 'node:fs';
import { AppError, errnoOf, machineError, orMachineError } from '../errors.js';
import { fsyncDirectory, makeOwnDirectory, replaceSymlink } from '../files/durable-write.js';
import { linkTarget, requireTag, rootPath, tagTarget } from './layout.js';

/**
 * Points `latest`, and the tag where one is given, to a snapshot that was just made or found, and whose lease the caller
 * holds: else it could be collected before anything points to it. Throws AppErrors.
 */
export function markLatest(root: string, id: string, tag: string | undefined): void {
  if (tag !== undefined) tagSnapshot(root, id, tag);
  const link = rootPath.latest(root);
  try {
    replaceSymlink(linkTarget(id), link);
    fsyncDirectory(root);
  } catch (error) {
    throw linkError(error, link);
  }
}

/** Moves a tag, or makes it; the caller holds the snapshot's lease. Throws bad-usage for a name that cannot be one. */
export function tagSnapshot(root: string, id: string, tag: string): void {
  requireTag(tag);
  makeOwnDirectory(rootPath.tags(root));
  const link = rootPath.tag(root, tag);
  // A rename would take the place of a file that is not ours without a word.
  if (lstatSync(link, { throwIfNoEntry: false })?.isFile() === true) {
    throw new AppError(
      'damaged-root',
      `${link} is a regular file where segue keeps a symbolic link; move it away`,
      {
        details: { file: link },
      },
    );
  }
  try {
    replaceSymlink(tagTarget(id), link);
    fsyncDirectory(rootPath.tags(root));
  } catch (error) {
    throw linkError(error, link);
  }
}

/** Removes a tag; it is nothing where it is gone already. Throws AppErrors. */
export function removeTag(root: string, tag: string): void {
  const link = rootPath.tag(root, tag);
  try {
    unlinkSync(link);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw linkError(error, link);
  }
  orMachineError(`remove the link ${link}`, () => fsyncDirectory(rootPath.tags(root)));
}

/** A failed change of a link as an AppError: a real directory in its place is the root's damage, not the disk's. */
export function linkError(error: unknown, link: string): AppError {
  const errno = errnoOf(error);
  if (errno === 'EISDIR' || errno === 'ENOTDIR' || errno === 'ENOTEMPTY' || errno === 'EEXIST') {
    return new AppError(
      'damaged-root',
      `${link} is a directory where segue keeps a symbolic link; move it away`,
      {
        details: { file: link },
      },
    );
  }
  return machineError(error, `replace the link ${link}`);
}
