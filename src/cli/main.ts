/**
 * Where bin/run.js hands over: runs one command line, and is the only place that ends the process.
 *
 * Every failure, wherever it arises, comes here: thrown by a command, by oclif's parser, as an uncaught exception or as
 * an unhandled rejection. So text and JSON mode cannot differ in their exit codes.
 */
import { readFileSync } from 'node:fs';
import { exitCodes, type AppError } from '../core/errors.js';
import { typedRoot } from './terminal/command-line.js';
import { safeText } from './terminal/safe-text.js';
import { loudnessOf, wantsJson } from './json-mode.js';
import { inNewSpelling } from './old-spellings.js';
import { ownStdout } from './stdout.js';
import type { OwnCommand } from './own-command.js';
import type { Program } from './run-command.js';

/** Runs `segue …typed` and ends the process. */
export async function main(typed: readonly string[], program: Program): Promise<never> {
  const refusedByStdout = tolerateClosedPipes();
  const { argv, note } = inNewSpelling(typed);
  if (note !== undefined && loudnessOf(argv) !== 'quiet') process.stderr.write(`Note: ${safeText(note)}\n`);
  const report = reportWith(argv, program, () => refusedByStdout() === undefined);
  const end = async (code: number | string): Promise<never> => {
    await flushed(code);
    const refused = refusedByStdout();
    const exitCode = refused === undefined || refused.exitCode === code ? code : await report(refused);
    await flushed(code);
    process.exit(exitCode);
  };
  const fail = async (error: unknown): Promise<never> => await end(await report(error));
  process.on('uncaughtException', (error) => {
    // A listener of oclif's throws what stdout refused, which `end` says.
    if (error !== refusedByStdout()?.cause) void fail(error);
  });
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
  return await end(process.exitCode ?? exitCodes.done);
}

/** What says a failure, as text on stderr or as JSON on stdout where that takes it, and gives its exit code. */
function reportWith(
  argv: readonly string[],
  { root, importCommand }: Program,
  stdoutTakesIt: () => boolean,
): (error: unknown) => Promise<number> {
  return async (error) => {
    const [{ describeFailure, exitCodeOfExit, failureJson, failureText }, { findOwnCommand }] =
      await Promise.all([import('./failure.js'), import('./own-command.js')]);
    const exitCode = exitCodeOfExit(error);
    if (exitCode !== undefined) return exitCode;
    const first = argv[0]?.startsWith('-') === false && argv[0] !== 'help' ? argv[0] : undefined;
    const own = findOwnCommand(argv, root);
    const failure = describeFailure(error, {
      command: own === undefined || own.name === '' ? first : own.name,
      root: typedRoot(argv),
      variables: await variablesOf(own, importCommand),
      debug: (process.env['SEGUE_DEBUG'] ?? '') !== '' || loudnessOf(argv) === 'verbose',
      reportAt: bugsUrl(root),
    });
    process.exitCode = failure.exitCode;
    if (wantsJson(argv) && stdoutTakesIt()) {
      process.stdout.write(failureJson(failure));
    } else {
      const { screenOf } = await import('./terminal/screen.js');
      process.stderr.write(failureText(failure, screenOf(process.stderr)));
    }
    return failure.exitCode;
  };
}

/** The variables of the environment that give a command's flags their values. */
async function variablesOf(
  own: OwnCommand | undefined,
  importCommand: Program['importCommand'],
): Promise<ReadonlyMap<string, string>> {
  if (own === undefined || importCommand === undefined) return new Map();
  try {
    const [{ flagsFromEnvironment }, { default: command }] = await Promise.all([
      import('./flags/environment-flags.js'),
      importCommand(own.file),
    ]);
    return flagsFromEnvironment({ ...command.baseFlags, ...command.flags }, own.argv);
  } catch {
    // What cannot be loaded is the failure that is being described.
    return new Map();
  }
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
function tolerateClosedPipes(): () => AppError | undefined {
  process.stderr.on('error', () => undefined);
  return ownStdout(() => process.exit(process.exitCode ?? exitCodes.done));
}

/**
 * Resolves once all output has been taken, or refused: threads and handles that a library keeps cannot hold up the end. Who was
 * told to stop waits a moment for whoever reads, and no longer.
 */
async function flushed(code: number | string): Promise<void> {
  const isStopped = Number(code) >= exitCodes.hungUp;
  for (const stream of [process.stdout, process.stderr]) {
    await new Promise<void>((resolve) => {
      stream.write('', () => {
        resolve();
      });
      if (isStopped) setTimeout(resolve, stoppedWaitMs);
    });
  }
}

const stoppedWaitMs = 500;
