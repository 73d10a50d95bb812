/** The service's log: a line of JSON each. It names routes by their patterns; who asked for whom is in it only on demand. */
import type { FastifyRequest } from 'fastify';
import { destination, pino, type Logger } from 'pino';
import { machineError } from '../errors.js';
import type { optionValues } from '../options/values.js';

export type LogLevel = (typeof optionValues.logLevel.choices)[number];

export interface LogOptions {
  readonly level: LogLevel;
  /** Where lines are appended; standard error without it. */
  readonly file?: string | undefined;
  /** Whether lines of requests have addresses and callers. */
  readonly details: boolean;
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
export function openLog({ level, file, details }: LogOptions): RequestLog {
  const stream = openDestination(file);
  const log: Logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, stream);
  return {
    answered(request, route, status, ms) {
      const { method, url, ip } = request;
      const said = { method, route, status, ms: Math.round(ms * 1000) / 1000 };
      log.info(details ? { ...said, url, ip } : said, 'answered');
    },
    failed: (error, route) => log.error({ route, err: error }, 'failed'),
    root: (at, root, message) => log[at](root === undefined ? {} : { root }, message),
    close: () => stream.flushSync(),
  };
}

function openDestination(file: string | undefined): ReturnType<typeof destination> {
  if (file === undefined) return destination({ dest: 2, sync: true });
  try {
    return destination({ dest: file, append: true, mkdir: false, sync: true });
  } catch (error) {
    throw machineError(error, `write ${file}`);
  }
}
