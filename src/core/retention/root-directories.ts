/** Whoever lists directories of a root and removes what is in them sees to it that they are the root's own. */
import { lstatSync } from 'node:fs';
import { AppError, machineError } from '../errors.js';
import { kindOf } from '../files/safe-open.js';
import { rootPath } from '../snapshot/layout.js';
import { isDirectory } from '../snapshot/survey.js';

/**
 * Throws damaged-root where a directory of the root is a link or anything else, snapshot-not-found where there is no
 * root, or nothing of segue's in it; machine errors.
 */
export function requireRoot(root: string): void {
  const { snapshots, trash, locks, stamps, maps, tags, allCheckpoints } = rootPath;
  const directories = [snapshots, trash, locks, stamps, maps, tags, allCheckpoints].map((path) => path(root));
  try {
    const there = directories.filter((path) => {
      const stat = lstatSync(path, { throwIfNoEntry: false });
      if (stat?.isDirectory() === false) {
        throw new AppError(
          'damaged-root',
          `${path} is ${kindOf(stat)} where segue keeps a directory; move it away`,
          { details: { file: path } },
        );
      }
      return stat !== undefined;
    });
    if (there.length > 0) return;
  } catch (error) {
    throw machineError(error, `look at ${root}`);
  }
  const what = isDirectory(root) ? `there are no snapshots in ${root}` : `there is no directory ${root}`;
  throw new AppError('snapshot-not-found', what, { suggestions: ['segue train EVENTS'] });
}
