/**
 * Every failure that segue reports, in one list: its code, and the exit code that scripts rely on.
 *
 * An AppError is data: what happened, to what, what was got and wanted, what to do next. Anything else that is
 * thrown is a bug in segue and ends with exit code 70.
 */

/** Exit codes, the same with and without --json. */
export const exitCodes = {
  done: 0,
  doesNotHold: 1,
  badInput: 2,
  notFound: 3,
  damaged: 4,
  busy: 5,
  durabilityUnknown: 6,
  machineRefused: 7,
  bug: 70,
  /** 128 and the number of the signal, as a shell says it. */
  hungUp: 129,
  interrupted: 130,
  quit: 131,
  terminated: 143,
} as const;

const exitCodeOf = {
  /** A flag, an argument or a combination of them that cannot be meant. */
  'bad-usage': exitCodes.badInput,
  /** The command needs a terminal, and this is none. */
  'not-a-terminal': exitCodes.badInput,
  /** An input file that does not exist or cannot be read as what it claims to be. */
  'bad-input-file': exitCodes.badInput,
  /** A row of an input file that breaks a rule. */
  'bad-row': exitCodes.badInput,
  /** Input without a single usable row. */
  'empty-input': exitCodes.badInput,
  /** A size beyond what the formats or this machine hold. */
  'too-large': exitCodes.badInput,
  /** Training produced a number that is not finite. */
  diverged: exitCodes.badInput,
  /** Feedback of a user came under the id of another of theirs. */
  'id-conflict': exitCodes.badInput,
  /** A user vector met a model of another basis. */
  'other-basis': exitCodes.badInput,
  /** The snapshot lacks the part that the command needs (users, an index, vectors). */
  'missing-part': exitCodes.badInput,
  'item-not-found': exitCodes.notFound,
  /** A name that several items have. */
  'item-ambiguous': exitCodes.notFound,
  /** In the catalogue, but nobody played it: there is no vector. */
  'item-without-vector': exitCodes.notFound,
  'user-not-found': exitCodes.notFound,
  /** No feedback of that id, or of that user about that item, holds. */
  'entry-not-found': exitCodes.notFound,
  'snapshot-not-found': exitCodes.notFound,
  /** Not a snapshot of segue's at all. */
  'not-a-snapshot': exitCodes.damaged,
  'newer-format': exitCodes.damaged,
  /** A file of a snapshot is missing, of another size, or has another checksum. */
  'damaged-snapshot': exitCodes.damaged,
  /** The root's links or directories are not what segue makes. */
  'damaged-root': exitCodes.damaged,
  /** A line or block of the ledger of feedback is not what was written there. */
  'damaged-ledger': exitCodes.damaged,
  /** Another process holds the lock. */
  busy: exitCodes.busy,
  /** `current` is not what --expect named. */
  conflict: exitCodes.busy,
  /** A snapshot that was to be deleted, and that something keeps: `current`, a tag, a reader. */
  'in-use': exitCodes.busy,
  'durability-unknown': exitCodes.durabilityUnknown,
  'disk-full': exitCodes.machineRefused,
  'permission-denied': exitCodes.machineRefused,
  'io-error': exitCodes.machineRefused,
  /** The machine, or a limit of it, did not give the memory that was asked for. */
  'out-of-memory': exitCodes.machineRefused,
  /** The machine kept a snapshot from being checked, which says nothing of the snapshot. */
  unchecked: exitCodes.machineRefused,
  /** What an engine needs is not there: Java, Python, pyspark, spark-submit, Node.js on executors. */
  'engine-missing': exitCodes.machineRefused,
  /** It is there, in a version that is too old. */
  'engine-too-old': exitCodes.machineRefused,
  /** Its master does not answer. */
  'engine-unreachable': exitCodes.machineRefused,
  /** It gave up: executors were lost, or its driver ended. */
  'engine-failed': exitCodes.machineRefused,
  /** A gate of `publish` or a --fail-on of `diff-snapshots` does not hold. */
  'does-not-hold': exitCodes.doesNotHold,
  /** SIGHUP: the terminal is gone. */
  'hung-up': exitCodes.hungUp,
  interrupted: exitCodes.interrupted,
  /** SIGQUIT: Ctrl-\. */
  quit: exitCodes.quit,
  terminated: exitCodes.terminated,
} as const;

export type ErrorCode = keyof typeof exitCodeOf;

/** Whether an error of that code can be, for what comes from another process. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(exitCodeOf, code);
}

export interface AppErrorOptions {
  /** What the reader can do next, one sentence or command each. */
  readonly suggestions?: readonly string[];
  /** Machine-readable particulars, printed with --json (file, line, value, candidates …). */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly exitCode: number;
  readonly suggestions: readonly string[];
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.exitCode = exitCodeOf[code];
    this.suggestions = options.suggestions ?? [];
    this.details = options.details ?? {};
  }
}

/**
 * A task judged, and what was asked for does not hold: the whole result is the error's details. Each such task has a class
 * of its own, so that whoever catches one knows what was judged.
 */
export abstract class VerdictError<R extends object> extends AppError {
  readonly result: R;

  constructor(code: ErrorCode, message: string, result: R, suggestions: readonly string[]) {
    super(code, message, { suggestions, details: Object.fromEntries(Object.entries(result)) });
    this.result = result;
  }
}

/** AppError 'damaged-snapshot' of a file that is not what segue wrote there. */
export function damaged(path: string, what: string): AppError {
  return new AppError('damaged-snapshot', `${path}: ${what}`, { details: { file: path } });
}

/** AppError 'bad-usage' of an option, by its name here, that has another value than is wanted. */
export function refusedOption(
  option: string,
  got: unknown,
  wanted: string,
  more?: AppErrorOptions,
): AppError {
  const value = typeof got === 'number' ? String(got) : JSON.stringify(got);
  return new AppError('bad-usage', `\`${option}\` ${value}: wanted ${wanted}`, more);
}

/** The errno name of a failed system call ('ENOENT' …), or undefined. */
export function errnoOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** What a person would not read out of an errno's name. */
const reasons = new Map([
  ['EROFS', 'the file system is read-only'],
  ['EMFILE', 'too many files are open (EMFILE)'],
  ['ENFILE', 'too many files are open (ENFILE)'],
  ['EFBIG', 'the file would exceed the size limit (ulimit -f)'],
]);

/**
 * A failed system call as the error its reader can act on: disk full, permission, or input/output.
 * `doing` completes the sentence "could not …", naming the file.
 * @param more what to do besides
 */
export function machineError(error: unknown, doing: string, more: readonly string[] = []): AppError {
  if (error instanceof AppError) return error;
  const errno = errnoOf(error);
  const code = isOutOfMemory(error)
    ? 'out-of-memory'
    : errno === 'ENOSPC' || errno === 'EDQUOT'
      ? 'disk-full'
      : errno === 'EACCES' || errno === 'EPERM' || errno === 'EROFS'
        ? 'permission-denied'
        : 'io-error';
  const why =
    code === 'disk-full'
      ? 'no space is left on the device'
      : code === 'out-of-memory'
        ? 'the system gives no more memory'
        : ((errno === undefined ? undefined : reasons.get(errno)) ??
          (code === 'permission-denied'
            ? 'permission denied'
            : (errno ?? (error instanceof Error ? error.message : String(error)))));
  return new AppError(code, `could not ${doing}: ${why}`, {
    cause: error,
    details: { errno: errno ?? null },
    suggestions: [
      ...(isOutOfDescriptors(error) ? [raiseTheLimit] : code === 'out-of-memory' ? [giveMemory] : []),
      ...more,
    ],
  });
}

/** What `call` returns; a system call that fails in it is the error of `doing`, as `machineError` words it. */
export function orMachineError<T>(doing: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw machineError(error, doing);
  }
}

/** The same of reading an input file; one that is missing is 'bad-input-file'. */
export function orInputError<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw machineError(error, `read ${path}`);
    throw new AppError('bad-input-file', `${path} does not exist`, { details: { file: path } });
  }
}

/** What `call` returns; undefined where the machine refuses it, for a caller who can do without. */
export function unlessRefused<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}

/** Whether a system call, or the AppError made of it, failed for want of a permission. */
export function isDenied(error: unknown): boolean {
  const errno = errnoOf(error instanceof AppError ? error.cause : error);
  return errno === 'EACCES' || errno === 'EPERM';
}

/** The limit of addresses in bytes (ulimit -v), by the text of /proc/self/limits; Infinity where there is none. */
export function addressLimit(limits: string): number {
  const [, soft] = /^Max address space\s+(\d+)\s/m.exec(limits) ?? [];
  return soft === undefined ? Infinity : Number(soft);
}

const giveMemory = 'free memory, or raise its limit: that of the shell (ulimit -v), the job or the container';

const raiseTheLimit = 'raise the limit of open files: ulimit -n 4096';

/** Whether a system call failed because this process, or the machine, may open no further file. */
export function isOutOfDescriptors(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno === 'EMFILE' || errno === 'ENFILE';
}

/** Whether the machine, or a limit of it, refused memory: a system call's errno, or what V8, Node, DuckDB and the linker throw. */
export function isOutOfMemory(error: unknown): boolean {
  const errno = errnoOf(error);
  if (error instanceof Error && libraryRefused.test(error.message)) return true;
  if (errno !== undefined) return memoryErrnos.includes(errno);
  return error instanceof RangeError && memoryRefused.test(error.message);
}

const memoryErrnos = ['ENOMEM', 'ERR_MEMORY_ALLOCATION_FAILED', 'ERR_WORKER_OUT_OF_MEMORY'];
const libraryRefused =
  /^Out of Memory Error: .*\(bad allocation\)|: failed to map segment from shared object/;
const memoryRefused =
  /^Array buffer allocation failed$|^WebAssembly\.\w+\(\): (could not allocate memory|Out of memory)/;

/** The error of an aborted signal: interrupted (exit 130) unless the abort carried an AppError of its own. */
export function abortError(signal: AbortSignal): AppError {
  return signal.reason instanceof AppError ? signal.reason : new AppError('interrupted', 'interrupted');
}

/** Settles as `promise` does, or rejects with `abortError` at once when the signal is aborted: whoever is waited for may never come. */
export async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => {
      reject(abortError(signal));
    };
  });
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
