/**
 * What went wrong, as the person and the script see it: one failure is described once, then drawn as text or as JSON.
 *
 * Three kinds exist: the reader can act (an AppError, or a usage error of oclif's), an interrupt, and a bug of ours
 * (everything else, exit 70), so that exit 1 always means "does not hold".
 */
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  isDenied,
  AppError,
  exitCodes,
  isOutOfDescriptors,
  isOutOfMemory,
  machineError,
  type ErrorCode,
} from '../core/errors.js';
import type { Text } from '../core/contracts.js';
import { atRoot, suggestionLine } from './terminal/command-line.js';
import { withFlags } from './terminal/option-names.js';
import { drawPointer, isPointer } from './terminal/pointer.js';
import { namingVariables } from './flags/environment-flags.js';
import { safeJson, safeLines, safeText } from './terminal/safe-text.js';
import { styled, type Screen } from './terminal/screen.js';
import { describeUsageError, withoutParserFrame } from './usage-error.js';
import { hanging } from './terminal/wrapped-lines.js';

export interface Failure {
  readonly code: ErrorCode | 'bug';
  readonly exitCode: number;
  readonly message: Text;
  readonly suggestions: readonly Text[];
  readonly details: Readonly<Record<string, unknown>>;
  /** Lines of the stack: of a bug always, else where SEGUE_DEBUG asks for it. */
  readonly stack?: string;
}

export interface FailureOptions {
  /** The command that was called, where one is known. */
  readonly command?: string | undefined;
  /** Where bugs are reported: what package.json says, given by whoever read it. */
  readonly reportAt?: string | undefined;
  /** The --root that was typed: suggested commands name it too. */
  readonly root?: string | undefined;
  /** Variables of the environment that give flags their values: variable by flag name. */
  readonly variables?: ReadonlyMap<string, string>;
  /** Whether to show the stack of failures that are no bugs too. */
  readonly debug?: boolean;
}

/** What oclif throws to end a process that is done (`--help` as a flag of a command); undefined for anything else. */
export function exitCodeOfExit(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('code' in error) || error.code !== 'EEXIT') return undefined;
  return oclifExitOf(error) ?? exitCodes.done;
}

export function describeFailure(error: unknown, options: FailureOptions = {}): Failure {
  const failure = failureOf(error, options);
  const { variables, root } = options;
  const named = (text: string): string =>
    variables === undefined ? withFlags(text) : namingVariables(withFlags(text), variables);
  return {
    ...failure,
    message: failure.code === 'bug' ? failure.message : named(failure.message),
    // A command to paste is typed.
    suggestions: failure.suggestions.map((suggestion) =>
      suggestion.startsWith('segue ') ? atRoot(withFlags(suggestion), root) : named(suggestion),
    ),
  };
}

function failureOf(error: unknown, options: FailureOptions): Failure {
  // Wherever it happens, in the import of a module too, it is the machine that refuses.
  if (isOutOfDescriptors(error) || isOutOfMemory(error))
    return failureOf(machineError(error, 'go on'), options);
  if (error instanceof AppError) {
    return {
      code: error.code,
      exitCode: error.exitCode,
      message: withoutParserFrame(error.message),
      suggestions: [...error.suggestions, ...whoseItIs(error)],
      details: error.details,
      ...(options.debug === true && error.stack !== undefined ? { stack: stackWithCauses(error) } : {}),
    };
  }
  if (error instanceof Error && oclifExitOf(error) !== undefined && error.name !== 'ModuleLoadError') {
    return {
      code: 'bad-usage',
      exitCode: exitCodes.badInput,
      details: {},
      ...describeUsageError(error, options.command),
    };
  }
  const stack = error instanceof Error ? stackWithCauses(error) : String(error);
  return {
    code: 'bug',
    exitCode: exitCodes.bug,
    message: `this is a bug in segue: ${error instanceof Error ? error.message : String(error)}`,
    suggestions: [
      options.reportAt === undefined
        ? 'please report it to the maintainers, with the command and the lines below'
        : `please report it at ${options.reportAt}, with the command and the lines below`,
    ],
    details: { stack: stack.split('\n') },
    stack,
  };
}

/** The failure as stderr shows it: `Error: …`, the place in a text where it is one, then what to do as `  → …` lines, then the stack of a bug. */
export function failureText(failure: Failure, screen: Screen): string {
  if (failure.exitCode >= exitCodes.hungUp) return `${safeText(failure.message)}\n`;
  const lines = [
    hanging(styled(screen, 'red', 'Error:'), 6, safeText(shortened(failure.message)), screen.width),
  ];
  const { pointer, log } = failure.details as { readonly pointer?: unknown; readonly log?: unknown };
  if (isPointer(pointer)) lines.push(drawPointer(pointer, screen));
  // What another program printed before it failed.
  if (Array.isArray(log))
    lines.push(...log.map((line) => styled(screen, 'dim', `  | ${safeText(String(line))}`)));
  for (const suggestion of failure.suggestions) {
    lines.push(suggestionLine(shortened(suggestion), screen));
  }
  if (failure.stack !== undefined) lines.push('', styled(screen, 'dim', safeLines(failure.stack)));
  return `${lines.join('\n')}\n`;
}

/** Names can have a megabyte; no message of ours comes near this many characters. JSON has all of them. */
const mostShown = 8_000;

function shortened(text: string): string {
  return text.length <= mostShown ? text : `${text.slice(0, mostShown)}… (${text.length} characters)`;
}

export interface FailureDocument {
  readonly error: Pick<Failure, 'code' | 'message' | 'suggestions' | 'details'>;
}

/** The failure as --json prints it: one document, on stdout. */
export function failureJson(failure: Failure): string {
  const { code, message, suggestions, details } = failure;
  return `${safeJson({ error: { code, message, suggestions, details } } satisfies FailureDocument)}\n`;
}

/** oclif marks its own errors with `oclif: { exit }`. */
function oclifExitOf(error: Error): number | undefined {
  if (!('oclif' in error)) return undefined;
  const { oclif } = error;
  if (typeof oclif !== 'object' || oclif === null || !('exit' in oclif)) return undefined;
  return typeof oclif.exit === 'number' ? oclif.exit : undefined;
}

function stackWithCauses(error: Error): string {
  const lines: string[] = [];
  let current: unknown = error;
  for (let depth = 0; depth < 5 && current instanceof Error; depth += 1) {
    lines.push(`${depth === 0 ? '' : 'caused by: '}${current.stack ?? current.message}`);
    current = current.cause;
  }
  return lines.join('\n');
}

/** Whose it is that a refused system call was about, as a line for whoever was refused; none of other failures. */
function whoseItIs(error: AppError): string[] {
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
