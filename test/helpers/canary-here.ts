import childProcess from 'node:child_process';
import { EventEmitter } from 'node:events';
import { syncBuiltinESMExports } from 'node:module';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll } from 'vitest';
import { AppError } from '#dist/core/errors.js';
import { checkContents } from '#dist/core/snapshot/check-contents.js';
import type { Manifest } from '#dist/core/snapshot/manifest.js';

const spawn = childProcess.spawn;
let users = 0;

/**
 * While `work` runs, a canary opens its snapshot in this process instead of one of its own, which takes a tenth of the time. It
 * refuses what it always refuses; only what would kill it kills the test.
 */
export async function canaryHere<T>(work: () => Promise<T>): Promise<T> {
  begin();
  try {
    return await work();
  } finally {
    end();
  }
}

/** The same for all tests of a file. */
export function useCanaryHere(): void {
  beforeAll(begin);
  afterAll(end);
}

/** For a file whose subject is the process of the canary. */
export function useRealCanary(): void {
  beforeAll(end);
  afterAll(begin);
}

function begin(): void {
  if (users++ > 0) return;
  childProcess.spawn = ((command: string, args: readonly string[], options: object) => {
    const [directory] = args.slice(-1);
    const isCanary = args.some((each) => each.endsWith('canary-process.js'));
    return isCanary ? canary(directory!) : spawn(command, args, options);
  }) as typeof spawn;
  syncBuiltinESMExports();
}

function end(): void {
  if (--users > 0) return;
  childProcess.spawn = spawn;
  syncBuiltinESMExports();
}

/** A child process as far as its parent can see. */
function canary(directory: string): unknown {
  const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
  const child = Object.assign(new EventEmitter(), { ...streams, kill: () => true });
  const close = (code: number): void => {
    streams.stdout.end();
    streams.stderr.end();
    setImmediate(() => child.emit('close', code, null));
  };
  const open = async (): Promise<void> => {
    try {
      await checkContents(directory, JSON.parse(await text(streams.stdin)) as Manifest);
      close(0);
    } catch (error) {
      if (error instanceof AppError) {
        const { code, message, details, suggestions } = error;
        streams.stdout.write(JSON.stringify({ code, message, details, suggestions }));
        close(4);
      } else {
        streams.stderr.write(String(error));
        close(1);
      }
    }
  };
  void open();
  return child;
}
