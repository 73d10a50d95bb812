/**
 * A file that someone asked for, outside of any root: it appears under its name when it is whole and durable, or not at all.
 * Until then it is `.<name>.<pid>.<random>` beside it, which only a killed process leaves.
 */
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  renameSync,
} from 'node:fs';
import { dirname } from 'node:path';

import { AppError, errnoOf, machineError } from '../errors.js';
import { discard, fsyncDirectory, temporaryName, writeFully } from './durable-write.js';
import { kindOf } from './safe-open.js';

export interface OutputFile {
  readonly path: string;
  /** Bytes written. */
  readonly bytes: number;
  /** Appends. AppErrors of the machine: 'disk-full', 'io-error', 'permission-denied'. */
  write(bytes: Uint8Array): void;
  /** Puts it under its name, durably. Errors as `write`, and that of a file that has appeared there meanwhile. */
  commit(): void;
  /** Removes what was written; nothing after `commit`. For a `finally`. */
  abandon(): void;
}

export interface OutputOptions {
  /** Replace what stands there; else that is an error, before anything is written and again at the end. */
  readonly force: boolean;
}

/** AppErrors: 'bad-usage' where something stands there, and those of the machine. */
export function openOutputFile(path: string, options: OutputOptions): OutputFile {
  requireFreeName(path, options);
  const doing = `write ${path}`;
  const partial = temporaryName(path);
  let fd: number | undefined;
  try {
    fd = openSync(
      partial,
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
      0o666,
    );
  } catch (error) {
    throw machineError(error, doing);
  }
  let isPartial = true;
  let bytes = 0;
  return {
    path,
    get bytes() {
      return bytes;
    },
    write(piece) {
      if (fd === undefined) throw new Error(`${path} is closed`);
      try {
        writeFully(fd, piece);
      } catch (error) {
        throw machineError(error, doing);
      }
      bytes += piece.length;
    },
    commit() {
      if (fd === undefined) throw new Error(`${path} is closed`);
      try {
        const { size } = fstatSync(fd);
        if (size !== bytes)
          throw new AppError('io-error', `could not ${doing}: ${size} of ${bytes} bytes arrived`);
        fsyncSync(fd);
        const closing = fd;
        fd = undefined;
        closeSync(closing);
        requireFreeName(path, options);
        isPartial = !putInPlace(partial, path, options);
        fsyncDirectory(dirname(path));
      } catch (error) {
        throw machineError(error, doing);
      }
    },
    abandon() {
      if (isPartial) discard(fd, partial);
      fd = undefined;
      isPartial = false;
    },
  };
}

/** AppError 'bad-usage' where something stands at `path` that may not be replaced. */
export function requireFreeName(path: string, { force }: OutputOptions): void {
  let kind: string;
  try {
    const stat = lstatSync(path);
    if (force && stat.isFile()) return;
    kind = kindOf(stat);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return;
    throw machineError(error, `write ${path}`);
  }
  throw taken(path, kind);
}

function taken(path: string, kind: string): AppError {
  const isFile = kind === 'a regular file';
  return new AppError('bad-usage', `${path} is there already${isFile ? '' : `, and is ${kind}`}`, {
    suggestions: [isFile ? 'name another file, or add --force to replace it' : 'name another file'],
    details: { file: path },
  });
}

/** Gives a whole file its name. False where its old one has still to be removed. */
export function putInPlace(partial: string, path: string, { force }: OutputOptions): boolean {
  if (force) {
    renameSync(partial, path);
    return true;
  }
  try {
    // Unlike a rename a link replaces nothing that has appeared meanwhile.
    linkSync(partial, path);
    return false;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'EEXIST') throw taken(path, 'a regular file');
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(errno ?? '')) throw error;
    renameSync(partial, path);
    return true;
  }
}
