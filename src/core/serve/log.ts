/** The service's log: a line of JSON each. It names routes by their patterns; who asked for whom is in it only on demand. */
import type { FastifyRequest } from 'fastify';
import { destination, pino, type Logger } from 'pino';
import { machineError, type AppError } from '../errors.js';
import type { optionValues } from '../options/values.js';

export type LogLevel = (typeof optionValues.logLevel.choices)[number];

export interface LogOptions {
  readonly level: LogLevel;
  /** Where lines are appended; standard error without it. */
  readonly file?: string | undefined;
  /** Whether lines of requests have addresses and callers. */
  readonly details: boolean;
  /** Told once that lines are lost, because they cannot be written. */
  readonly onFailure: (error: AppError) => void;
}

export interface RequestLog {
  answered(request: FastifyRequest, route: string, status: number, ms: number): void;
  /** A failure of the service itself. */
  failed(error: unknown, route: string): void;
  /** Something of a root: it changed, or could not be opened. */
  root(level: 'info' | 'warn', root: string | undefined, message: string): void;
  close(): void;
}

/** AppErrors of the machine where the file cannot be written. */
export function openLog({ level, file, details, onFailure }: LogOptions): RequestLog {
  const stream = openDestination(file);
  // A disk that is full ends no service.
  let isTold = false;
  stream.on('error', (error: unknown) => {
    if (isTold) return;
    isTold = true;
    onFailure(machineError(error, `write ${file ?? 'the log'}`));
  });
  const log: Logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, stream);
  return {
    answered(request, route, status, ms) {
      const { method, url, ip } = request;
      const said = { method, route, status, ms: Math.round(ms * 1000) / 1000 };
      log.info(details ? { ...said, url, ip } : said, 'answered');
    },
    failed: (error, route) => log.error({ route, err: error }, 'failed'),
    root: (at, root, message) => log[at](root === undefined ? {} : { root }, message),
    close() {
      // What failed once it would try for ever.
      if (!isTold) stream.flushSync();
    },
  };
}

/** What cannot be written is tried again with the next line; more than a MiB is not kept for that. */
const writing = { sync: true, maxLength: 1 << 20 };

function openDestination(file: string | undefined): ReturnType<typeof destination> {
  if (file === undefined) return destination({ dest: 2, ...writing });
  try {
    return destination({ dest: file, append: true, mkdir: false, ...writing });
  } catch (error) {
    throw machineError(error, `write ${file}`);
  }
}
