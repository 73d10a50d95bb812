/**
 * Where bin/run.js hands over: runs one command line, and is the only place that ends the process.
 *
 * Every failure, wherever it arises, comes here: thrown by a command, by oclif's parser, as an uncaught exception or as
 * an unhandled rejection. So text and JSON mode cannot differ in their exit codes.
 */
import { readFileSync } from 'node:fs';
import { exitCodes } from '../core/errors.js';
import { wantsJson } from './json-mode.js';
import type { Program } from './run-command.js';

/** Runs `segue …argv` and ends the process. */
export async function main(argv: readonly string[], program: Program): Promise<never> {
  tolerateClosedPipes();
  const fail = failWith(argv, program.root);
  process.on('uncaughtException', (error) => void fail(error));
  process.on('unhandledRejection', (reason) => {
    // A task that expects stray rejections (of a native library) listens itself: then they are its own to judge.
    if (process.listenerCount('unhandledRejection') > 1) return;
    void fail(reason);
  });
  try {
    const { runCommand } = await import('./run-command.js');
    await runCommand(argv, program);
  } catch (error) {
    return await fail(error);
  }
  return await exit(process.exitCode);
}

function failWith(argv: readonly string[], root: URL): (error: unknown) => Promise<never> {
  return async (error) => {
    const [{ describeFailure, exitCodeOfExit, failureJson, failureText }, { findOwnCommand }] =
      await Promise.all([import('./failure.js'), import('./own-command.js')]);
    const exitCode = exitCodeOfExit(error);
    if (exitCode !== undefined) return await exit(exitCode);
    const first = argv[0]?.startsWith('-') === false && argv[0] !== 'help' ? argv[0] : undefined;
    const failure = describeFailure(error, {
      command: findOwnCommand(argv, root)?.name ?? first,
      debug: (process.env['SEGUE_DEBUG'] ?? '') !== '',
      reportAt: bugsUrl(root),
    });
    process.exitCode = failure.exitCode;
    if (wantsJson(argv)) {
      process.stdout.write(failureJson(failure));
    } else {
      const { screenOf } = await import('./screen.js');
      process.stderr.write(failureText(failure, screenOf(process.stderr)));
    }
    return await exit(failure.exitCode);
  };
}

/** `bugs.url` of package.json. */
function bugsUrl(root: URL): string | undefined {
  const manifest = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as {
    bugs?: { url?: string };
  };
  return manifest.bugs?.url;
}

/**
 * `segue … | head`: whoever reads stdout may go away, and that is no failure. What was already decided (a gate that
 * does not hold) keeps its exit code. Nobody reading stderr stops nothing.
 */
function tolerateClosedPipes(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? exitCodes.done);
    throw error;
  });
  process.stderr.on('error', () => undefined);
}

/** Ends the process once all output has been taken: threads and handles that a library keeps cannot hold it up. */
async function exit(code: number | string | null | undefined): Promise<never> {
  for (const stream of [process.stdout, process.stderr]) {
    await new Promise<void>((resolve) => {
      stream.write('', () => {
        resolve();
      });
    });
  }
  process.exit(code ?? exitCodes.done);
}
