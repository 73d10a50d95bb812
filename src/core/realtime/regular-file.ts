/** Files of events, opened so that a FIFO or a directory in their place neither blocks nor is read. */
import { closeSync, constants, fstatSync, openSync, readdirSync, statSync, type Stats } from 'node:fs';
import { AppError, errnoOf } from '../errors.js';
import { kindOf } from '../files/safe-open.js';
import { unreadable } from '../files/text-lines.js';

/** O_NONBLOCK lets the open of a FIFO return; on regular files it changes nothing. */
export const readOnly = constants.O_RDONLY | constants.O_NONBLOCK;

/** A descriptor; undefined where nothing is there, or no regular file. AppError 'bad-input-file'. */
export function openRegular(path: string): number | undefined {
  let fd: number;
  try {
    fd = openSync(path, readOnly);
  } catch (error) {
    // A socket cannot be opened at all.
    if (isMissing(error) || errnoOf(error) === 'ENXIO') return undefined;
    throw unreadable(path, path, error);
  }
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  return undefined;
}

/** AppError 'bad-input-file' for what is there and is no regular file. */
export function requireRegular(path: string): void {
  const stats = statOf(path);
  if (stats === undefined || stats.isFile()) return;
  const isPipe = stats.isFIFO() || stats.isSocket() || stats.isCharacterDevice();
  throw new AppError('bad-input-file', `${path} is ${kindOf(stats)}; a file is wanted`, {
    suggestions: isPipe ? ['segue follow - --stream NAME, with it as stdin'] : [],
    details: { file: path },
  });
}

/** undefined where nothing is there. AppError 'bad-input-file'. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw unreadable(path, path, error);
  }
}

/** What a directory holds: nothing where it is not there. AppError 'bad-input-file'. */
export function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (isMissing(error)) return [];
    throw unreadable(directory, directory, error);
  }
}

function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? '');
}
