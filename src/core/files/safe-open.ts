/**
 * Opening what may have been planted: never through a symbolic link, never blocked by a FIFO, never anything but a
 * regular file.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, type Stats } from 'node:fs';
import { lastly } from '../closers.js';
import { AppError, errnoOf } from '../errors.js';

/** O_NONBLOCK lets the open of a FIFO return; on the regular files that remain it changes nothing. */
const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * A descriptor of the regular file at `path`, to be closed by the caller. Throws the errno of the system call where
 * there is none, and an AppError ('io-error') that says what else stands there instead.
 */
export function openRegularFile(path: string): number {
  let fd: number;
  try {
    fd = openSync(path, flags);
  } catch (error) {
    // O_NOFOLLOW answers ELOOP (EMLINK on some BSDs) for a link; a socket cannot be opened at all (ENXIO).
    const errno = errnoOf(error);
    if (errno === 'ELOOP' || errno === 'EMLINK' || errno === 'ENXIO') throw notRegular(path, lstatSync(path));
    throw error;
  }
  const stat = fstatSync(fd);
  if (stat.isFile()) return fd;
  closeSync(fd);
  throw notRegular(path, stat);
}

/** The same; undefined where nothing is there. */
export function openIfThere(path: string): number | undefined {
  try {
    return openRegularFile(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** What `use` makes of a file that is open, which is closed then. */
export function closingFile<R>(fd: number, use: (fd: number) => R): R {
  return lastly(
    () => use(fd),
    () => {
      closeSync(fd);
    },
  );
}

/** The same of a file that can be made again, and is as good as missing where it cannot be read: undefined. */
export function readIfWhole<R>(path: string, read: (fd: number) => R): R | undefined {
  try {
    return closingFile(openRegularFile(path), read);
  } catch {
    return undefined;
  }
}

/** The error about something else where a regular file was expected. */
export function notRegular(path: string, stat: Stats): AppError {
  const kind = kindOf(stat);
  return new AppError('io-error', `${path} is ${kind} where a regular file was expected`, {
    details: { file: path, kind },
  });
}

/** What stands at a path, with its article: 'a directory', 'a symbolic link' … */
export function kindOf(
  stat: Pick<Stats, 'isFile' | 'isDirectory' | 'isSymbolicLink' | 'isFIFO' | 'isSocket'>,
): string {
  if (stat.isFile()) return 'a regular file';
  if (stat.isDirectory()) return 'a directory';
  if (stat.isSymbolicLink()) return 'a symbolic link';
  if (stat.isFIFO()) return 'a FIFO';
  if (stat.isSocket()) return 'a socket';
  return 'a device';
}
