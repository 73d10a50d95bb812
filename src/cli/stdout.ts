/**
 * The one owner of stdout: every byte is written, or the command ends with what refused it (exit 7).
 *
 * Node writes to a file by one write(2) and does not look at how much of it was taken: a full disk, or a limit on the
 * size of files, would cut the output without any error. So for files and devices `process.stdout` becomes a
 * stream of ours, through which whatever prints goes: commands, oclif's help, console.log. Terminals, pipes and sockets
 * keep Node's, which writes all, and waits for a reader that is slow.
 */
import { fstatSync, writeSync } from 'node:fs';
import { Writable } from 'node:stream';
import { isatty } from 'node:tty';
import { AppError, errnoOf, machineError } from '../core/errors.js';

const stdoutFd = 1;
/** Until a device that does not block is asked again. */
const againAfterMs = 5;

class WholeWrites extends Writable {
  /** As Node's own streams of files have it. */
  readonly fd = stdoutFd;

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    try {
      writeWhole(this.fd, chunk);
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    done();
  }
}

function writeWhole(fd: number, bytes: Uint8Array): void {
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(fd, bytes, written);
    } catch (error) {
      if (errnoOf(error) !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, againAfterMs);
    }
  }
}

/**
 * Called once, before anything is printed. `onClosed` ends the process where nobody reads any more. What comes back says
 * what refused a write, if anything has: of those writes too that nobody waited for.
 */
export function ownStdout(onClosed: () => void): () => AppError | undefined {
  // As bigint: Node's realpathSync, by which modules are found, looks at what the last stat in numbers left behind, and
  // follows no link after that of a pipe.
  const stat = fstatSync(stdoutFd, { bigint: true });
  if (!stat.isFIFO() && !stat.isSocket() && !isatty(stdoutFd)) {
    const stdout = new WholeWrites();
    Object.defineProperty(process, 'stdout', { configurable: true, enumerable: true, get: () => stdout });
  }
  let refused: AppError | undefined;
  process.stdout.on('error', (error: Error) => {
    if (isClosed(error)) onClosed();
    refused ??= stdoutError(error);
  });
  return () => refused;
}

/** Resolves once all was taken, so that nothing piles up in memory. Machine errors; never settles where nobody reads any more. */
export function writeToStdout(output: Uint8Array | string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(output, (error) => {
      if (error === null || error === undefined) resolve();
      // main.ts ends the process then, whatever the command.
      else if (!isClosed(error)) reject(stdoutError(error));
    });
  });
}

function isClosed(error: Error): boolean {
  return ['EPIPE', 'ECONNRESET'].includes(errnoOf(error) ?? '');
}

function stdoutError(error: Error): AppError {
  const { code, message, details } = machineError(error, 'write the whole answer to stdout');
  return new AppError(code, message, {
    cause: error,
    details,
    suggestions: [
      'the output is truncated: do not use it',
      'a command that makes or publishes a snapshot may have done so: check before you repeat it',
    ],
  });
}
