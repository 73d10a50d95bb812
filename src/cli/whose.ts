import { statSync } from 'node:fs';
import { dirname } from 'node:path';

import { isDenied, type AppError } from '../core/errors.js';

/** Whose it is that a refused system call was about, as a line for whoever was refused; none of other failures. */
export function whoseItIs(error: AppError): string[] {
  const { cause } = error;
  const own = process.geteuid?.();
  if (own === undefined || !isDenied(error) || typeof cause !== 'object' || cause === null) return [];
  if (!('path' in cause) || typeof cause.path !== 'string') return [];
  const isOfEntry = 'syscall' in cause && entryCalls.has(String(cause.syscall));
  for (let at = isOfEntry ? dirname(cause.path) : cause.path; ; at = dirname(at)) {
    try {
      const { uid, gid, mode } = statSync(at);
      const permissions = (mode & 0o7777).toString(8).padStart(4, '0');
      return [`${at} belongs to user ${uid} and group ${gid}, with mode ${permissions}; you are user ${own}`];
    } catch {
      // Not there, or in a directory that may not be entered: then it is that one.
      if (dirname(at) === at) return [];
    }
  }
}

/** What makes, moves or removes a name needs the permission of the directory that the name is in. */
const entryCalls = new Set(['mkdir', 'symlink', 'link', 'rename', 'unlink', 'rmdir']);
