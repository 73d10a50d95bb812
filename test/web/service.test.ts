import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { facts, query } from '../../src/web/api/queries.js';
import { openService, problemOf, tokenIn, type Service } from '../../src/web/api/service.js';
import { entriesOf, noTrial } from '../../src/web/listener/trial.js';
import {
  answered,
  fakeService,
  refused,
  type FakeAnswer,
  type FakeRequest,
} from '../helpers/fake-service.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** The page's service over one that a test plays. */
function open(answers: readonly FakeAnswer[] | ((request: FakeRequest) => FakeAnswer)) {
  const { fetch, requests } = fakeService(answers);
  vi.stubGlobal('fetch', fetch);
  const stored = new Map<string, string>();
  const storage = {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
  };
  return { service: openService(storage, 'http://a'), requests };
}

const { signal } = new AbortController();
async function problemIn(service: Service, asked = query('items', {})) {
  const failed = service.ask(asked, signal).then(
    () => undefined,
    (error: unknown) => problemOf(error),
  );
  await vi.runAllTimersAsync();
  return failed;
}

describe('the service of the page', () => {
  it('keeps answers, each for its question and root, until they are forgotten', async () => {
    const { service, requests } = open(({ url }) => answered({ at: url.pathname }));
    const one = { ...facts('artist', 'AC/DC', undefined), root: 'more rock' };
    const answer = await service.ask(one, signal);
    expect(answer).toEqual({ at: '/v1/more%20rock/items/artist%3Aid%3AAC%2FDC' });
    expect(service.answered(one)).toBe(answer);
    expect(service.answered(facts('artist', 'AC/DC', undefined))).toBeUndefined();
    const [a, b] = ['a', 'b'].map((item) => query('itemMany', { queries: [{ item }] }));
    await service.ask(a!, signal);
    expect(service.answered(b!)).toBeUndefined();
    for (let k = 0; k < 300; k++) await service.ask(query('items', { k }), signal);
    expect(service.answered(one)).toBeUndefined();
    expect(service.answered(query('items', { k: 0 }))).toEqual({ at: '/v1/items' });
    service.forget();
    expect(service.answered(query('items', { k: 299 }))).toBeUndefined();
    expect(requests).toHaveLength(302);
  });

  it('sends the token that it was given, and asks anew', async () => {
    const { service, requests } = open([answered({})]);
    await service.ask(query('served', {}), signal);
    service.setToken('secret');
    expect(service.answered(query('served', {}))).toBeUndefined();
    await service.ask(query('served', {}), signal);
    const sent = requests.map(({ headers }) => headers.get('authorization'));
    expect(sent).toEqual([null, 'Bearer secret']);
  });

  it('says when another snapshot answers, of the same root, what names none', async () => {
    let current = 'a';
    const { service } = open(({ url }) =>
      answered({}, { 'segue-snapshot': url.searchParams.get('snapshot') ?? current }),
    );
    const published: string[] = [];
    const unwatch = service.watch((snapshot) => published.push(snapshot));
    const asked = query('items', {});
    await service.ask(asked, signal);
    await service.ask(query('items', { k: 1 }), signal);
    await service.ask(query('items', { snapshot: 'old' }), signal);
    expect([published, service.answered(asked)]).toEqual([[], {}]);
    current = 'b';
    await service.ask({ ...asked, root: 'other' }, signal);
    expect(published).toEqual([]);
    await service.ask(query('listeners', {}), signal);
    expect(published).toEqual(['b']);
    expect(service.answered(asked)).toBeUndefined();
    expect(service.answered(query('listeners', {}))).toEqual({});
    unwatch();
    current = 'c';
    await service.ask(asked, signal);
    expect(published).toEqual(['b']);
  });

  it('has a map as bytes, which are not kept, and how far it is', async () => {
    const progress = { phase: 'laying out', done: 1, total: 3 };
    const bytes = new Response(Uint8Array.of(7), { headers: { 'content-type': 'application/octet-stream' } });
    const { service } = open([answered(progress), bytes]);
    const map = query('map', {});
    expect(await service.ask(map, signal)).toEqual(progress);
    service.forget();
    expect(new Uint8Array((await service.ask(map, signal)) as ArrayBuffer)).toEqual(Uint8Array.of(7));
    expect(service.answered(map)).toBeUndefined();
  });

  it('asks again where that may help, and then says what is wrong', async () => {
    const { service, requests } = open([refused(503, 'overloaded')]);
    expect(await problemIn(service)).toMatchObject({ title: 'No', status: 503, code: 'overloaded' });
    expect(requests).toHaveLength(4);
    const passing = open([new TypeError('fetch failed'), answered({ items: [] })]);
    expect(await problemIn(passing.service)).toBeUndefined();
    const gone = open([new TypeError('fetch failed')]);
    expect(await problemIn(gone.service)).toMatchObject({
      title: 'No answer',
      code: 'unreachable',
      status: 0,
    });
    const other = open([new Response('<html>', { status: 404, statusText: 'Not Found' })]);
    expect(await problemIn(other.service)).toMatchObject({
      title: 'No answer',
      status: 404,
      code: 'http-404',
    });
    expect(problemOf(new Error('x'))).toMatchObject({ code: 'bug', detail: 'x' });
  });

  it('ends with its signal, and keeps nothing of it', async () => {
    const { service, requests } = open(['never']);
    const ending = new AbortController();
    const asked = service.ask(query('items', {}), ending.signal);
    ending.abort(new Error('typed on'));
    await expect(asked).rejects.toThrow('typed on');
    expect(requests).toHaveLength(1);
    expect(service.answered(query('items', {}))).toBeUndefined();
  });

  it('keeps each opinion as an entry of the ledger, by the id of its item', () => {
    expect(entriesOf({ ...noTrial, like: ['a'], ban: ['b'] }, 'u')).toEqual([
      { user: 'u', item: 'id:a', type: 'like' },
      { user: 'u', item: 'id:b', type: 'ban' },
    ]);
  });
});

it('a token in the address is taken out of it', () => {
  expect(tokenIn('#token=abc')).toEqual({ token: 'abc', rest: '#/' });
  expect(tokenIn('#token=abc&/item/x?k=10')).toEqual({ token: 'abc', rest: '#/item/x?k=10' });
  expect(tokenIn('#/item/token=abc')).toEqual({ token: undefined, rest: '#/item/token=abc' });
  expect(tokenIn('')).toEqual({ token: undefined, rest: '' });
});
