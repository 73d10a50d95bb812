import { AppError } from '../errors.js';

/** The error of a file that is not what its snapshot's manifest says; `path` is relative to the snapshot. */
export function damagedFile(
  id: string,
  path: string,
  what: string,
  details: Readonly<Record<string, unknown>> = {},
): AppError {
  return new AppError('damaged-snapshot', `snapshot ${id} is damaged: ${path}: ${what}`, {
    suggestions: ['publish another snapshot, or make this one again'],
    details: { snapshot: id, file: path, ...details },
  });
}
