/**
 * The program of the canary: opens everything in a snapshot's directory (argument) that its manifest (stdin, JSON)
 * names. Exit 0: all of it can be used. Exit 4: the first problem stands on stdout, as JSON. Anything else is what
 * damaged files do to a process, and the reason why this is one of its own.
 */
import { readFileSync, writeSync } from 'node:fs';

import { AppError, exitCodes, isOutOfDescriptors, machineError } from '../errors.js';
import type { Manifest } from './manifest.js';

const [, , directory = ''] = process.argv;

try {
  // Not before this can tell why it could not be imported.
  const { checkContents } = await import('./check-contents.js');
  await checkContents(directory, JSON.parse(readFileSync(0, 'utf8')) as Manifest);
} catch (error) {
  const problem = isOutOfDescriptors(error) ? machineError(error, `open ${directory}`) : error;
  if (!(problem instanceof AppError)) throw error;
  const { code, message, details, suggestions } = problem;
  writeSync(1, JSON.stringify({ code, message, details, suggestions }));
  process.exitCode = exitCodes.damaged;
}
