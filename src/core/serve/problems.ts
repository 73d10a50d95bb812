/** Failures as HTTP says them: a status and a problem document (RFC 9457), made of the codes that the command line has. */
import { catalogue } from '../options/catalogue.js';
import type { Words } from '../options/option.js';
import { AppError, type ErrorCode } from '../errors.js';

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** An error code of segue's, or one of HTTP's own. */
  readonly code: string;
  readonly suggestions: readonly string[];
  /** Of an ambiguous name, the ids that have it; of an unknown one, those that are close. */
  readonly ids?: readonly string[];
  /** Where in the body it is: a JSON Pointer (RFC 6901). */
  readonly pointer?: string;
}

const statusOf: Readonly<Partial<Record<ErrorCode, number>>> = {
  'bad-usage': 400,
  'bad-row': 400,
  'item-not-found': 404,
  'user-not-found': 404,
  'entry-not-found': 404,
  'snapshot-not-found': 410,
  'item-ambiguous': 409,
  'item-without-vector': 422,
  'missing-part': 422,
  'empty-input': 422,
  'other-basis': 409,
  conflict: 409,
  'id-conflict': 409,
  busy: 503,
  'out-of-memory': 503,
  interrupted: 503,
  terminated: 503,
  'disk-full': 507,
};

/** A request that HTTP itself has a status for. */
export class HttpError extends Error {
  readonly status: number;
  readonly code: string;
  readonly suggestions: readonly string[];
  readonly pointer: string | undefined;

  constructor(
    status: number,
    code: string,
    message: string,
    suggestions: readonly string[] = [],
    pointer?: string,
  ) {
    super(message);
    this.pointer = pointer;
    this.status = status;
    this.code = code;
    this.suggestions = suggestions;
  }
}

/**
 * Of what the service itself did wrong nothing is told but that: the log has the rest, which may name files.
 *
 * @param withoutPlaces takes the names of directories out of a text
 */
export function problemOf(error: unknown, withoutPlaces: (text: string) => string): Problem {
  if (error instanceof HttpError) {
    const { status, code, message, suggestions, pointer } = error;
    return { ...problem(status, code, message, suggestions), ...(pointer === undefined ? {} : { pointer }) };
  }
  if (error instanceof AppError) {
    const status = statusOf[error.code] ?? 500;
    if (status < 500) {
      const ids = idsOf(error.details);
      const said = (text: string): string => withoutPlaces(asParameters(text));
      // Commands and files are for whoever runs the service.
      const suggestions = error.suggestions
        .filter((each) => !/\bsegue [a-z]|` (?:FILE|DIR)\b/.test(each))
        .map(said);
      return {
        ...problem(status, error.code, said(error.message), suggestions),
        ...(ids === undefined ? {} : { ids }),
      };
    }
    return problem(status, error.code, wordsOf[error.code] ?? hidden);
  }
  const status = statusOfFastify(error);
  if (status !== undefined && status < 500) {
    const [code, words] = ofStatus[status] ?? ['bad-request', messageOf(error)];
    return problem(status, code, words);
  }
  return problem(500, 'bug', hidden);
}

const hidden = 'the service could not answer: its log says why';
const wordsOf: Readonly<Partial<Record<ErrorCode, string>>> = {
  busy: 'another process holds what this needs: try again',
  'out-of-memory': 'there is not enough memory for this now: try again',
  interrupted: 'it was interrupted: try again',
  terminated: 'the service is shutting down',
  'disk-full': 'no space is left on the disk: nothing was kept',
  'damaged-ledger': 'the ledger of feedback is damaged: what takes none (feedback=false) is answered',
  'damaged-snapshot': 'a file of the snapshot is damaged',
};

/** What Fastify finds, in one way of speaking. */
const ofStatus: Readonly<Record<number, readonly [code: string, detail: string]>> = {
  413: ['body-too-large', 'the body has more than 1 MiB'],
  414: ['address-too-long', 'a part of the address has more than 4096 characters'],
  415: ['not-json', 'a body is wanted as content-type: application/json'],
};

const requestLine = /^[\w!#$%&'*+.^`|~-]+ \S+ HTTP\/1\.\d\r?\n/;

/** Of what could not be read as a request, by the code that Node has for it. @param text how what was sent begins */
export function unreadProblem(code: string | undefined, text: string): Problem {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return problem(408, 'too-slow', 'the request came too slowly');
  if (code === 'HPE_INVALID_METHOD' && requestLine.test(text))
    return problem(501, 'no-such-method', 'no route takes this method');
  if (code === 'HPE_HEADER_OVERFLOW')
    return problem(431, 'head-too-large', 'the head of the request has more than 16 KiB');
  return problem(400, 'bad-request', 'this is no request of HTTP/1.1');
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'No token',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Not allowed here',
  408: 'Too slow',
  409: 'Conflict',
  410: 'Gone',
  412: 'Not yet',
  413: 'Too large',
  414: 'Too long',
  415: 'Not JSON',
  421: 'Another host',
  422: 'Cannot be answered',
  431: 'Too large',
  501: 'Not known',
  503: 'Not now',
  504: 'Took too long',
  507: 'No space',
};

function problem(status: number, code: string, detail: string, suggestions: readonly string[] = []): Problem {
  const title = titles[status] ?? (status < 500 ? 'Bad request' : 'Failed');
  return { type: `urn:segue:problem:${code}`, title, status, detail, code, suggestions };
}

/** Options are named as a program names them; a request names them with dashes, as the command line does. */
export function asParameters(message: string): string {
  return message.replaceAll(/`([a-z][a-zA-Z]*)`/g, (_, name: string) => `\`${parameterName(name)}\``);
}

const known: Readonly<Record<string, Partial<Words> | undefined>> = catalogue;

/** maxPerArtist → max-per-artist. */
export function parameterName(name: string): string {
  const { parameter, flag } = known[name] ?? {};
  return parameter ?? flag ?? name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function idsOf(details: Readonly<Record<string, unknown>>): readonly string[] | undefined {
  for (const name of ['ids', 'closest']) {
    const ids = details[name];
    if (Array.isArray(ids) && ids.every((id): id is string => typeof id === 'string')) return ids;
  }
  return undefined;
}

function statusOfFastify(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return undefined;
  return typeof error.statusCode === 'number' ? error.statusCode : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
