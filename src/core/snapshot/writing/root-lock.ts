/** The locks that processes hold on a whole root while they change what is in it. */
import { AppError, orMachineError } from '../../errors.js';
import { makeOwnDirectory } from '../../files/durable-write.js';
import { closeLockDirectory } from '../../files/group-sharing.js';
import { tryLock, type Lock } from '../../files/kernel-lock.js';
import { findHolder, type LockHolder } from '../../files/lock-holders.js';
import { rootPath } from '../layout.js';

/** Makes lock/, and keeps those out of it who may only read. AppErrors. */
export function makeLockDirectory(root: string): void {
  const path = rootPath.locks(root);
  makeOwnDirectory(path);
  closeLockDirectory(path);
}

/**
 * The exclusive lock on a file of lock/, which is made. Does not wait: 'busy' names the holder and what it is `doing`.
 * Throws machine errors.
 */
export function lockOrBusy(root: string, path: string, doing: string): Lock {
  makeLockDirectory(root);
  const lock = orMachineError(`lock ${path}`, () => tryLock(path, { create: true, doing }));
  if (lock === undefined) throw busy(path, doing);
  return lock;
}

/** 'process 12 on host', or 'another process' where it is not known which. */
export function holderInWords(holder: LockHolder | undefined): string {
  return holder === undefined ? 'another process' : `process ${holder.pid} on ${holder.host}`;
}

function busy(path: string, doing: string): AppError {
  const holder = findHolder(path);
  const message =
    holder?.doing === undefined
      ? `cannot start ${doing}: ${holderInWords(holder)} holds ${path}` +
        (holder === undefined ? ', and this system does not tell which' : '')
      : `${holderInWords(holder)} is ${holder.doing} right now`;
  return new AppError('busy', message, {
    suggestions: ['try again when it is done'],
    details: { lock: path, holder: holder ?? null },
  });
}
