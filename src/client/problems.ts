/** What a call throws: the service's own words where it has said any. */

/** A problem document of the service (RFC 9457). */
export interface ProblemDocument {
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly suggestions: readonly string[];
  readonly ids?: readonly string[];
  readonly pointer?: string | undefined;
  readonly requestId?: string | undefined;
}

/** The service answered that it cannot, or will not. */
export class SegueProblem extends Error {
  override readonly name: string = 'SegueProblem';
  /** The kind of problem, in a few words. */
  readonly title: string;
  /** Of HTTP. */
  readonly status: number;
  /** An error code of segue's, such as `item-not-found`; `http-502` where something before the service answered. */
  readonly code: string;
  /** The same as `message`. */
  readonly detail: string;
  readonly suggestions: readonly string[];
  /** Of an ambiguous name the ids that have it, of an unknown one those that are close. */
  readonly ids: readonly string[];
  /** Where in what was sent it is: a JSON Pointer (RFC 6901); undefined where it is nowhere there. */
  readonly pointer: string | undefined;
  /** By which the service's log has it; undefined where something before the service answered. */
  readonly requestId: string | undefined;

  constructor({ title, status, code, detail, suggestions, ids = [], pointer, requestId }: ProblemDocument) {
    super(detail);
    this.title = title;
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.suggestions = suggestions;
    this.ids = ids;
    this.pointer = pointer;
    this.requestId = requestId;
  }
}

/** The snapshot that was held, or the list whose pages were asked for, is there no more: begin again. */
export class SnapshotGone extends SegueProblem {
  override readonly name = 'SnapshotGone';
}

/** There was no answer, as often as it was tried. `cause` has the last failure. */
export class ServiceUnreachable extends Error {
  override readonly name = 'ServiceUnreachable';
  readonly tries: number;

  constructor(url: string, tries: number, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`no answer from ${url} in ${tries} ${tries === 1 ? 'try' : 'tries'}: ${why}`, { cause });
    this.tries = tries;
  }
}

/** What a response that is no answer means. */
export function problemOf(response: Response, text: string): SegueProblem {
  const { status, statusText } = response;
  const detail = `the service did not answer, but something before it: ${status} ${statusText}`.trim();
  const unread = { title: 'No answer', status, code: `http-${status}`, suggestions: [], detail };
  const problem = readProblem(text) ?? unread;
  return status === 410 ? new SnapshotGone(problem) : new SegueProblem(problem);
}

function readProblem(text: string): ProblemDocument | undefined {
  try {
    const read = JSON.parse(text) as Partial<ProblemDocument> | null;
    if (typeof read?.status !== 'number' || typeof read.code !== 'string') return undefined;
    const { status, code, title = '', detail = title, suggestions = [] } = read;
    return { ...read, title, status, detail, code, suggestions };
  } catch {
    return undefined;
  }
}
