import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SegueClient, SegueProblem, ServiceUnreachable, SnapshotGone } from '#dist/client/client.js';
import { seededRandom } from '#dist/core/numeric/random.js';
import { answered, fakeService, refused, type FakeAnswer } from '../helpers/fake-service.js';

const url = 'http://127.0.0.1:7341';
const found = answered({ snapshot: 'a', items: [] });
const cut = new TypeError('fetch failed');

beforeEach(() => {
  vi.useFakeTimers();
  const random = seededRandom(3);
  vi.spyOn(Math, 'random').mockImplementation(() => random.nextFraction());
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** What a call comes to, and when its tries were made, in ms since the first. */
async function outcomeOf(
  answers: readonly FakeAnswer[],
  ask: (client: SegueClient) => Promise<unknown> = (client) => client.items(),
  options: object = {},
): Promise<{ value?: any; error?: any; atMs: number[] }> {
  const service = fakeService(answers);
  const client = new SegueClient({ url, fetch: service.fetch, ...options });
  const settled = ask(client).then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  await vi.runAllTimersAsync();
  const [first] = service.requests;
  return { ...(await settled), atMs: service.requests.map(({ atMs }) => atMs - first!.atMs) };
}

describe('a call', () => {
  it.each([
    ['a network that failed', cut],
    ['408', refused(408, 'too-slow')],
    ['412, not published yet', refused(412, 'not-yet')],
    ['502 of a proxy', new Response('<html>', { status: 502 })],
    ['503', refused(503, 'overloaded')],
    ['504', refused(504, 'deadline-exceeded')],
    ['504 of a proxy', new Response('', { status: 504 })],
  ])('is tried again after %s', async (_, answer) => {
    const { value, atMs } = await outcomeOf([answer, answer, found]);
    expect(value).toEqual({ snapshot: 'a', items: [] });
    expect(atMs).toHaveLength(3);
  });

  it.each([400, 401, 403, 404, 409, 410, 413, 415, 421, 422, 500, 507])(
    'is not tried again after %d',
    async (status) => {
      const { error, atMs } = await outcomeOf([refused(status, 'bad-usage'), found]);
      expect(error).toBeInstanceOf(SegueProblem);
      expect(error).toMatchObject({ status, code: 'bad-usage', message: 'it is bad-usage' });
      expect(error instanceof SnapshotGone).toBe(status === 410);
      expect(atMs).toEqual([0]);
    },
  );

  it('waits up to 100 ms before the second try, and up to twice as long before each that follows, to 2 s', async () => {
    const most = [100, 200, 400, 800, 1600, 2000, 2000];
    const { error, atMs } = await outcomeOf([cut], undefined, { retries: 7 });
    expect(error).toBeInstanceOf(ServiceUnreachable);
    expect(error).toMatchObject({
      tries: 8,
      cause: cut,
      message: `no answer from ${url}/v1/items in 8 tries: fetch failed`,
    });
    const random = seededRandom(3);
    const waited = atMs.slice(1).map((at, before) => at - atMs[before]!);
    expect(waited).toEqual(most.map((ms) => Math.trunc(random.nextFraction() * ms)));
  });

  it('waits as long as the service asks for, in seconds or to a date', async () => {
    const late = await outcomeOf([refused(503, 'overloaded', { 'retry-after': '3' }), found]);
    expect(late.atMs[1]).toBeGreaterThanOrEqual(3000);
    expect(late.atMs[1]).toBeLessThan(3100);
    vi.setSystemTime('2026-01-01T00:00:00Z');
    const dated = refused(503, 'overloaded', { 'retry-after': 'Thu, 01 Jan 2026 00:00:05 GMT' });
    const byDate = await outcomeOf([dated, found]);
    expect(byDate.atMs[1]).toBeGreaterThanOrEqual(5000);
    expect(byDate.atMs[1]).toBeLessThan(5100);
  });

  it('does not wait for longer than 10 s: whoever asked decides', async () => {
    const { error, atMs } = await outcomeOf([refused(503, 'overloaded', { 'retry-after': '11' }), found]);
    expect(error).toMatchObject({ status: 503, code: 'overloaded' });
    expect(atMs).toEqual([0]);
  });

  it('is tried three times again, or as often as the client, or the call, says', async () => {
    expect((await outcomeOf([cut])).atMs).toHaveLength(4);
    expect((await outcomeOf([cut], undefined, { retries: 1 })).atMs).toHaveLength(2);
    for (const ask of [
      (client: SegueClient) => client.items({}, { retries: 0 }),
      // What asks nothing takes only how it is called.
      (client: SegueClient) => client.health({ retries: 0 }),
    ])
      expect((await outcomeOf([cut], ask, { retries: 5 })).atMs).toEqual([0]);
  });

  it('has a limit of time for each try', async () => {
    const { error, atMs } = await outcomeOf(['never'], undefined, { timeoutMs: 500, retries: 1 });
    expect(error).toBeInstanceOf(ServiceUnreachable);
    expect(String(error.message)).toBe(
      `no answer from ${url}/v1/items in 2 tries: it took longer than 500 ms`,
    );
    expect(atMs[1]).toBeGreaterThanOrEqual(500);
    const own = await outcomeOf(['never', found], (client) => client.items({}, { timeoutMs: 50 }));
    expect(own.value).toBeDefined();
    expect(own.atMs[1]).toBeLessThan(200);
  });

  it('ends with its signal: before it is sent, while it is under way, and while it waits', async () => {
    const reason = new Error('nobody wants it any more');
    const before = await outcomeOf([found], (client) =>
      client.items({}, { signal: AbortSignal.abort(reason) }),
    ).catch((error: unknown) => ({ error, atMs: [] }));
    expect(before.error).toBe(reason);
    for (const answer of ['never', refused(503, 'overloaded', { 'retry-after': '9' })] as const) {
      const ending = new AbortController();
      setTimeout(() => ending.abort(reason), 400);
      const during = await outcomeOf([answer], (client) =>
        client.items({}, { signal: ending.signal, retries: answer === 'never' ? 0 : 3 }),
      );
      expect(during.error).toBe(reason);
      expect(during.atMs).toEqual([0]);
      expect(vi.getTimerCount()).toBe(0);
    }
  });

  it('leaves no timer when it is over', async () => {
    const service = fakeService([found]);
    await new SegueClient({ url, fetch: service.fetch }).items();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('lines', () => {
  const type = { headers: { 'content-type': 'application/x-ndjson; charset=utf-8' } };
  /** Lines that come in pieces, and after them the end, or a failure. */
  const streamed = (pieces: readonly string[], failure?: Error): Response => {
    const left = pieces.map((piece) => new TextEncoder().encode(piece));
    const pull = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
      const piece = left.shift();
      if (piece !== undefined) controller.enqueue(piece);
      else if (failure === undefined) controller.close();
      else controller.error(failure);
    };
    return new Response(new ReadableStream({ pull }, { highWaterMark: 0 }), type);
  };
  it('are asked for again until they come, and read however they are cut', async () => {
    const ids: string[] = [];
    const service = [
      cut,
      refused(503, 'overloaded'),
      streamed(['{"id":"a"}\n{"i', 'd":"é"}\n', '{"id":"c"}\n']),
    ];
    const { error, atMs } = await outcomeOf(service, async (client) => {
      for await (const { id } of client.lines('items', {})) ids.push(id);
    });
    expect([error, ids, atMs.length]).toEqual([undefined, ['a', 'é', 'c'], 3]);
  });

  it('that break off are not asked for again: what came may not come twice', async () => {
    const ids: string[] = [];
    const { error, atMs } = await outcomeOf([streamed(['{"id":"a"}\n{"id"'], cut)], async (client) => {
      for await (const { id } of client.lines('items', {})) ids.push(id);
    });
    expect(error).toBeInstanceOf(ServiceUnreachable);
    expect([error.cause, ids, atMs]).toEqual([cut, ['a'], [0]]);
  });
});

describe('feedback', () => {
  it('has an id for each entry before the first try, and the same in the next', async () => {
    const service = fakeService([cut, refused(503, 'overloaded'), answered({ ledger: 'b', entries: [] })]);
    const client = new SegueClient({ url, token: 'secret', fetch: service.fetch });
    const entries = [
      { user: 'u', item: 'a', type: 'like' as const },
      { user: 'u', item: 'b', type: 'ban' as const, id: 'mine', answeredBy: 'x' },
    ];
    const kept = client.feedback({ feedback: entries });
    await vi.runAllTimersAsync();
    await kept;
    const [first, ...rest] = service.requests.map(({ body }) => body);
    expect(rest).toEqual([first, first]);
    expect(first.feedback).toEqual([
      { user: 'u', item: 'a', type: 'like', id: expect.stringMatching(/^[0-9a-f]{32}$/) },
      { user: 'u', item: 'b', type: 'ban', id: 'mine', 'answered-by': 'x' },
    ]);
    expect(service.requests[0]!.headers.get('authorization')).toBe('Bearer secret');
    expect(entries[0]).toEqual({ user: 'u', item: 'a', type: 'like' });
  });

  it('has another id each time', async () => {
    const service = fakeService([answered({ ledger: 'b', entries: [] })]);
    const client = new SegueClient({ url, fetch: service.fetch });
    const one = { user: 'u', item: 'a', type: 'play' } as const;
    await client.feedback({ feedback: [one, one] });
    await client.feedback({ feedback: [one] });
    const ids = service.requests.flatMap(({ body }) => body.feedback.map(({ id }: { id: string }) => id));
    expect(new Set(ids).size).toBe(3);
  });
});
