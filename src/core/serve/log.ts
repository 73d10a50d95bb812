/** The service's log: a line of JSON each. It names routes by their patterns; who asked for whom is in it only on demand. */
import { constants, openSync } from 'node:fs';
import { isatty } from 'node:tty';
import type { FastifyRequest } from 'fastify';
import { pino, type Logger } from 'pino';
import { machineError, type AppError } from '../errors.js';
import type { serviceOptions } from '../options/catalogue/run-options.js';
import { LogLines } from './log-lines.js';
import { traceIdOf } from './request-id.js';

export type LogLevel = (typeof serviceOptions.logLevel.choices)[number];

export interface LogOptions {
  readonly level: LogLevel;
  /** Where lines are appended; standard error without it. */
  readonly file?: string | undefined;
  /** Whether lines of requests have addresses and callers. */
  readonly details: boolean;
  /** Called once with what refuses a line. Lines that nobody reads are no failure. */
  readonly onFailure: (error: AppError) => void;
}

export interface RequestLog {
  answered(request: FastifyRequest, route: string, status: number, ms: number): void;
  /** Of what is no request: what was answered to it. */
  unread(requestId: string, status: number, code: string): void;
  /** A failure of the service itself. */
  failed(error: unknown, route: string, requestId: string): void;
  /** Something of a root, or of the whole service: it changed, or could not be opened. */
  root(level: 'info' | 'warn', root: string | undefined, message: string): void;
  /** Lines that were dropped, ever. */
  readonly dropped: number;
  /** Waits a moment for a slow reader, and for none that has stopped. */
  close(): Promise<void>;
}

/** AppErrors of the machine where the file cannot be written. */
export function openLog({ level, file, details, onFailure }: LogOptions): RequestLog {
  const lines = new LogLines(openDestination(file), {
    onFailure: (error) => onFailure(machineError(error, `write ${file ?? 'the log'}`)),
    onRoom: (dropped) =>
      log.error({ dropped }, 'so many lines were dropped here: the log was not read, or not written'),
  });
  const log: Logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, lines);
  return {
    answered(request, route, status, ms) {
      const { method, url, ip, id: requestId } = request;
      const traceId = traceIdOf(request.headers);
      const said = { method, route, status, ms: Math.round(ms * 1000) / 1000, requestId, traceId };
      log.info(details ? { ...said, url, ip } : said, 'answered');
    },
    unread: (requestId, status, code) => log.info({ status, code, requestId }, 'no request'),
    failed: (error, route, requestId) => log.error({ route, requestId, err: error }, 'failed'),
    root: (at, root, message) => log[at](root === undefined ? {} : { root }, message),
    get dropped() {
      return lines.dropped;
    },
    close: () => lines.close(),
  };
}

/** A descriptor on which no write waits for a reader. */
function openDestination(file: string | undefined): number {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NOCTTY, O_NONBLOCK } = constants;
  // Node makes standard error one, where it is a pipe or a socket, when it is first looked at.
  if (file === undefined && !isatty(process.stderr.fd)) return 2;
  try {
    // A terminal is opened once more: others share what is open there, and expect it to wait.
    return openSync(file ?? '/dev/fd/2', O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY | O_NONBLOCK, 0o666);
  } catch (error) {
    if (file === undefined) return 2;
    throw machineError(error, `write ${file}`);
  }
}
