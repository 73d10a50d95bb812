/**
 * The program of the canary: opens everything in a snapshot's directory (argument) that its manifest (stdin, JSON)
 * names. Exit 0: all of it can be used. Exit 4 or 7: the first problem, the snapshot's or the machine's, stands on
 * stdout, as JSON. Anything else is what damaged files do to a process, and the reason why this is one of its own.
 */
import { readFileSync, writeSync } from 'node:fs';
import { AppError, isOutOfDescriptors, isOutOfMemory, machineError } from '../errors.js';
import type { Manifest } from './manifest.js';

const [, , directory = ''] = process.argv;

try {
  const { checkContents } = await import('./check-contents.js').catch((error: unknown) => {
    // The program itself, not the snapshot: a limit, or an installation that is being replaced.
    throw machineError(error, 'load what opens snapshots');
  });
  await checkContents(directory, JSON.parse(readFileSync(0, 'utf8')) as Manifest);
} catch (error) {
  const isRefused = isOutOfDescriptors(error) || isOutOfMemory(error);
  const problem = isRefused ? machineError(error, `open ${directory}`) : error;
  if (!(problem instanceof AppError)) throw error;
  const { code, message, details, suggestions, exitCode } = problem;
  writeSync(1, JSON.stringify({ code, message, details, suggestions }));
  process.exitCode = exitCode;
}
