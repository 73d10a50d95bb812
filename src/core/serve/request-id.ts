/** What joins an answer and its line of the log: the id that the caller or a balancer gave a request, or one that is made. */
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export const requestIdHeader = 'x-request-id';
const idPattern = /^[\w.:/+=@-]{1,128}$/;
/** W3C Trace Context: version, trace, parent, flags; and in later versions more. Neither id may be zeros alone. */
const tracePattern = /^(?!ff)[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})[\da-f]{16}-[\da-f]{2}(?:-.*)?$/;

/** `x-request-id` where it is one, else the trace of `traceparent`, else one of its own. */
export function requestIdOf(headers: IncomingHttpHeaders): string {
  const given = headers[requestIdHeader];
  if (typeof given === 'string' && idPattern.test(given)) return given;
  return traceIdOf(headers) ?? randomUUID();
}

export function traceIdOf({ traceparent }: IncomingHttpHeaders): string | undefined {
  return typeof traceparent === 'string' ? tracePattern.exec(traceparent)?.[1] : undefined;
}
