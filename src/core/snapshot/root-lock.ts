/** The locks that processes hold on a whole root while they change what is in it. */
import { AppError, machineError } from '../errors.js';
import { makeOwnDirectory } from '../files/durable-write.js';
import { readHolder, tryLock } from '../files/kernel-lock.js';
import type { Lock } from '../files/kernel-lock.js';
import { rootPath } from './layout.js';

/**
 * The exclusive lock on a file of lock/, which is made. Does not wait: 'busy' names the holder and what it is `doing`.
 * Throws machine errors.
 */
export function lockOrBusy(root: string, path: string, doing: string): Lock {
  makeOwnDirectory(rootPath.locks(root));
  let lock: Lock | undefined;
  try {
    lock = tryLock(path, { create: true, doing });
  } catch (error) {
    throw machineError(error, `lock ${path}`);
  }
  if (lock === undefined) throw busy(path, doing);
  return lock;
}

function busy(path: string, doing: string): AppError {
  const holder = readHolder(path);
  const who = holder === undefined ? 'another process' : `process ${holder.pid} on ${holder.host}`;
  return new AppError('busy', `${who} is ${holder?.doing ?? doing} right now`, {
    suggestions: ['try again when it is done'],
    details: { lock: path, holder: holder ?? null },
  });
}
