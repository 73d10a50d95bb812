import { Buffer } from 'node:buffer';
import { join } from 'node:path';
import { PartsOnDemand } from '../../closers.js';
import { AppError } from '../../errors.js';
import { closestTexts } from '../../store/closest-texts.js';
import { openUserDirectory, type UserDirectory } from '../../store/user-directory.js';
import { snapshotFile } from '../layout.js';
import type { OpenSnapshot } from '../open-snapshot.js';
import { readManifest } from '../read-manifest.js';
import { shardOf, userParts } from './user-parts.js';

/** From users' ids to rows of the snapshot. AppErrors as `openUserDirectory`; 'missing-part' for one without users. */
export function openStoredDirectory({ userParts: parts }: Pick<OpenSnapshot, 'userParts'>): UserDirectory {
  const open = (part: number): UserDirectory => openUserDirectory(parts[part]!.file(snapshotFile.userStore));
  if (parts.length === 1) return open(0);
  const opened = new PartsOnDemand(open);
  const all = (found: (directory: UserDirectory) => string[]): string[] =>
    parts.flatMap((_, part) => found(opened.at(part))).sort(byBytes);
  return {
    rowOf(id) {
      const part = shardOf(id, parts.length);
      const row = opened.at(part).rowOf(id);
      if (row === undefined) return undefined;
      const { first, rows, file } = parts[part]!;
      if (row < rows) return first + row;
      // It would be a user of the next part.
      const path = file(snapshotFile.userStore);
      const message = `${path} leads to the user row ${row}, wanted one below ${rows}`;
      throw new AppError('damaged-snapshot', message, { details: { file: path } });
    },
    startingWith: (text, limit) => all((directory) => directory.startingWith(text, limit)).slice(0, limit),
    closest(id) {
      const texts = all((directory) => directory.closest(id)).map((text) => Buffer.from(text, 'utf8'));
      const best = closestTexts(id, (visit) => {
        for (const [at, text] of texts.entries()) visit(at, text, 0, text.length);
      });
      return best.map(({ text }) => text);
    },
    close: () => opened.close(),
  };
}

/** The same of the snapshot in `directory`, which nobody opened. AppErrors of its manifest too. */
export function openDirectoryAt(directory: string): UserDirectory {
  const manifest = readManifest(join(directory, snapshotFile.manifest));
  return openStoredDirectory({ userParts: userParts(manifest, (name) => join(directory, name)) });
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'));
}
