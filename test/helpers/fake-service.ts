/** A service that answers what a test says, one answer a request. */
export interface FakeService {
  readonly fetch: typeof globalThis.fetch;
  /** What came, in order. */
  readonly requests: readonly FakeRequest[];
}

export interface FakeRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: any;
  readonly signal: AbortSignal;
  /** When it came, in ms of the clock of the test. */
  readonly atMs: number;
}

/** A response; an Error that `fetch` rejects with; or `never`, which ends only with the signal. */
export type FakeAnswer = Response | Error | 'never';

/** @param answers of the requests in order, or by the request; the last one answers all that follow */
export function fakeService(
  answers: readonly FakeAnswer[] | ((request: FakeRequest) => FakeAnswer),
): FakeService {
  const requests: FakeRequest[] = [];
  return {
    requests,
    fetch: (address, init) => {
      const { method, url, headers, signal } = new Request(address, init);
      const body: unknown = typeof init?.body === 'string' ? JSON.parse(init.body) : undefined;
      const request = { method, url: new URL(url), headers, body, signal, atMs: Date.now() };
      const answer = Array.isArray(answers)
        ? answers[Math.min(requests.length, answers.length - 1)]!
        : (answers as (request: FakeRequest) => FakeAnswer)(request);
      requests.push(request);
      return new Promise((resolve, reject) => {
        const end = (): void => reject(signal.reason as Error);
        if (signal.aborted) end();
        signal.addEventListener('abort', end, { once: true });
        if (answer instanceof Response) resolve(answer.clone());
        else if (answer instanceof Error) reject(answer);
      });
    },
  };
}

export function answered(body: object, headers: Record<string, string> = {}): Response {
  return Response.json(body, { headers });
}

export function refused(
  status: number,
  code: string,
  headers: Record<string, string> = {},
  more: object = {},
): Response {
  const problem = {
    type: `urn:segue:problem:${code}`,
    title: 'No',
    status,
    detail: `it is ${code}`,
    code,
    suggestions: [],
    ...more,
  };
  return new Response(JSON.stringify(problem), {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
  });
}
