/**
 * What every command shares: --root, --json, --quiet and --verbose, a task run with progress and Ctrl-C, and one way to answer. A command
 * itself is flags → one task → render → return.
 */
import { Command } from '@oclif/core/command';
import { abortError, AppError, orAborted, type VerdictError } from '../core/errors.js';
import type { TaskContext } from '../core/contracts.js';
import { atRoot, commandLine, typedRoot, type CommandLine } from './terminal/command-line.js';
import type { Config } from '@oclif/core/config';
import type { ArgInput } from '@oclif/core/interfaces';
import type { Operation } from '../core/options/operation.js';
import type { Asked } from '../core/options/option.js';
import { optionsOf } from './flags/args.js';
import { AskedByFlags, flagsOf, type AnyOperation, type CommandOfOperations } from './flags/flags-of.js';
import { globalFlags } from './flags/flags.js';
import { listenForInterrupts, type Interrupts } from './interrupts.js';
import { loudnessOf, wantsJson } from './json-mode.js';
import { startProgress } from './progress.js';
import { safeJson } from './terminal/safe-text.js';
import { screenOf, type Screen } from './terminal/screen.js';
import { writeToStdout } from './stdout.js';

/** Draws a result for a person, with commands that go on from there; what it returns ends without a line feed. */
export type Render<R> = (result: R, screen: Screen, commandLine: CommandLine) => string | Promise<string>;

/** How the result of a task is drawn where what was asked for does not hold, and the error that says so. */
export interface VerdictRender<V extends object> {
  readonly of: abstract new (...args: never[]) => VerdictError<V>;
  readonly draw: Render<V>;
}

/** What a command's task may have of its process. */
export interface CommandProcess {
  /** To stdout; it is not mixed with the progress, where both are one terminal. */
  readonly write: typeof writeToStdout;
  readonly onHangUp: Interrupts['onHangUp'];
}

export abstract class BaseCommand extends Command {
  static override baseFlags = globalFlags;

  /**
   * Runs a task with Ctrl-C as its signal and progress on stderr, which is gone again when this settles. Where the task
   * judges, and what was asked for does not hold, `verdict` draws what was judged before the failure is reported.
   */
  protected async perform<R, V extends object = never>(
    task: (context: TaskContext, process: CommandProcess) => Promise<R>,
    verdict?: VerdictRender<V>,
  ): Promise<R> {
    const interrupts = listenForInterrupts();
    const progress = startProgress(
      process.stderr,
      screenOf(process.stderr),
      undefined,
      typedRoot(this.argv),
      loudnessOf(this.argv),
    );
    const write: typeof writeToStdout = (output) => {
      progress.clear();
      // Whoever reads it may be slow, or gone to sleep.
      return orAborted(writeToStdout(output), interrupts.signal);
    };
    let result: R | undefined;
    try {
      result = await task(
        { signal: interrupts.signal, onProgress: progress.onProgress, now: new Date() },
        { write, onHangUp: interrupts.onHangUp },
      );
      return result;
    } catch (error) {
      // Whatever a stopped task stumbled over, that it was stopped is what happened.
      if (interrupts.signal.aborted) throw abortError(interrupts.signal);
      if (verdict !== undefined && error instanceof verdict.of) {
        progress.clear();
        await this.#showVerdict(error, verdict.draw);
      }
      throw error;
    } finally {
      progress.end(snapshotOf(result));
      interrupts.stop();
    }
  }

  /** What the command line and the environment ask of the command's operations, and its arguments by name. */
  protected async asked<A extends object>(
    command: { readonly args: ArgInput<A> } & CommandOfOperations,
  ): Promise<{
    readonly asked: AskedByFlags;
    readonly args: A;
  }> {
    const { operations, flags: own, args: named } = command;
    const { args, flags, raw } = await this.parse<Record<string, unknown>, Record<string, unknown>, A>({
      args: named,
      flags: own,
      baseFlags: globalFlags,
    });
    const known = { ...globalFlags, ...own };
    return { asked: new AskedByFlags({ operations, flags: known }, flags, raw), args };
  }

  /** Where bytes go. AppError 'bad-usage' where stdout would hold them and JSON. @param what they are; `example` is a file for them */
  protected fileOrStdout<T>(out: T, what: string, example: string): T {
    if (out !== '-' || !wantsJson(this.argv)) return out;
    throw new AppError('bad-usage', `stdout holds either ${what} or the JSON of \`json\``, {
      suggestions: [`name a file: --out ${example}`],
    });
  }

  /** Commands that are suggested, on the root that this one worked on. */
  protected get commandLine(): CommandLine {
    return commandLine(typedRoot(this.argv));
  }

  /** A command that a task suggests, on the same root. */
  protected onSameRoot(suggestion: string): string {
    return atRoot(suggestion, typedRoot(this.argv));
  }

  /** The same of a command that is in words: 'segue', the command, its flags. */
  protected wordsOnSameRoot(words: readonly string[]): string[] {
    const root = typedRoot(this.argv);
    return root === undefined ? [...words] : words.toSpliced(2, 0, '--root', root);
  }

  /** With --json the failure itself is the answer, and has the details. */
  async #showVerdict<V extends object>(
    { exitCode, result }: VerdictError<V>,
    draw: Render<V>,
  ): Promise<void> {
    process.exitCode = exitCode;
    if (!wantsJson(this.argv)) await this.answerAll([result], draw);
  }

  /** Prints the result: with --json as one document on one line, else as `render` draws it. */
  protected async answer<R>(result: R, render: Render<R>): Promise<R> {
    await this.answerAll([result], render);
    return result;
  }

  /** Prints several results: with --json one document a line (NDJSON), else one after the other. */
  protected async answerAll<R>(results: R[], render: Render<R>): Promise<R[]> {
    if (wantsJson(this.argv)) {
      for (const result of results) await writeToStdout(`${safeJson(result)}\n`);
      return results;
    }
    const screen = screenOf(process.stdout);
    for (const [index, result] of results.entries()) {
      await writeToStdout(`${index > 0 ? '\n' : ''}${await render(result, screen, this.commandLine)}\n`);
    }
    return results;
  }

  /** Failures go to `main`, which reports all of them in one place. */
  protected override catch(error: Error): Promise<never> {
    return Promise.reject(error);
  }
}

/** What a class has that is made of operations. */
export interface OfOperations<S extends object, A extends object> extends CommandOfOperations {
  readonly operations: readonly [Operation<S>, ...AnyOperation[]];
  readonly args: ArgInput<A>;
}

/** What a task makes of the options of an operation. */
type Task<S extends object, R> = (options: Asked<S>, context: TaskContext) => R | Promise<R>;

export abstract class CommandOf<S extends object> extends BaseCommand {
  /** Here too: oclif looks for what is inherited no further than at a class without anything of its own. */
  static readonly operations: readonly AnyOperation[] = [];

  /** What runs a command that is a task and its view. @param load the task: other commands, and help, do not import it */
  protected shows<R>(load: () => Promise<Task<S, R>>, draw: Render<R>): () => Promise<R> {
    return async () => this.show(await load(), draw);
  }

  /** Draws what a task makes of what is asked of the first operation. @param verdict as that of `perform` */
  protected async show<R, V extends object = never>(
    task: Task<S, R>,
    draw: Render<R>,
    verdict?: VerdictRender<V>,
  ): Promise<R> {
    const command = this.ctor as unknown as OfOperations<S, Record<string, unknown>>;
    const { asked, args } = await this.asked(command);
    const given = Object.entries(optionsOf(command.args)).map(([name, [option = name]]) => [
      option,
      args[name],
    ]);
    const options = asked.of(command.operations[0], Object.fromEntries(given) as object);
    return this.answer(await this.perform(async (context) => task(options, context), verdict), draw);
  }
}

export type ClassOf<S extends object, A extends object> = Omit<typeof BaseCommand, 'prototype'> &
  (abstract new (argv: string[], config: Config) => CommandOf<S>) &
  OfOperations<S, A>;

/** The class of a command that is of operations: it has a flag for each option that no argument stands for. */
export function commandOf<S extends object, A extends object = object>(
  operations: OfOperations<S, A>['operations'],
  args: ArgInput<A> = {} as ArgInput<A>,
): ClassOf<S, A> {
  abstract class Of extends CommandOf<S> {
    static override args = args;
    static override readonly operations = operations;
    static override flags = flagsOf(operations, Object.values(optionsOf(args)).flat());
  }
  return Of;
}

/** The examples of a command: by what each is for, its line. */
export function examples(lines: Readonly<Record<string, string>>): Command.Example[] {
  return Object.entries(lines).map(([description, command]) => ({ description, command }));
}

/** The snapshot that a result, or the first of several, says it is of. */
function snapshotOf(result: unknown): string | undefined {
  const first: unknown = Array.isArray(result) ? result[0] : result;
  if (typeof first !== 'object' || first === null || !('snapshot' in first)) return undefined;
  return typeof first.snapshot === 'string' ? first.snapshot : undefined;
}
