import { describe, expect, it } from 'vitest';
import { SegueClient, SegueProblem, type Asked, type ClientOptions } from '#dist/client/client.js';
import { answered, fakeService, refused } from '../helpers/fake-service.js';

const ok = answered({});

async function sent(options: ClientOptions, ask: (client: SegueClient) => Promise<unknown>) {
  const { fetch, requests } = fakeService([ok]);
  await ask(new SegueClient({ url: 'http://service', fetch, ...options }));
  const [{ method, url, headers, body }] = requests as [(typeof requests)[0]];
  return { line: `${method} ${url.href}`, headers: Object.fromEntries(headers), body };
}

describe('a request', () => {
  it('has the names of parameters that the command line has, and a list as a parameter that is repeated', async () => {
    const { line, headers } = await sent({}, (client) =>
      client.similar({ item: ['a&b', 'é/1'], maxPerArtist: 2, includeHeard: false, k: undefined }),
    );
    expect(line).toBe(
      'GET http://service/v1/similar?item=a%26b&item=%C3%A9%2F1&max-per-artist=2&include-heard=false',
    );
    expect(headers).toEqual({ accept: 'application/json' });
  });

  it('has what stands in its path there, whatever it is', async () => {
    const ask = (user: string) => sent({}, (client) => client.listener({ user, k: 3 }));
    expect((await ask('KGLK/2014-06-16')).line).toBe('GET http://service/v1/listeners/KGLK%2F2014-06-16?k=3');
    expect((await ask('../x?y#z %')).line).toBe('GET http://service/v1/listeners/..%2Fx%3Fy%23z%20%25?k=3');
  });

  it('with many questions has them in its body, and which snapshot in its address', async () => {
    const { line, headers, body } = await sent({ token: 'secret' }, (client) =>
      client.recommendMany({ queries: [{ user: 'u', maxPerArtist: 1 }, { like: ['a'] }], minEpoch: 4 }),
    );
    expect(line).toBe('POST http://service/v1/recommend?min-epoch=4');
    expect(body).toEqual({ queries: [{ user: 'u', 'max-per-artist': 1 }, { like: ['a'] }] });
    expect(headers).toMatchObject({ 'content-type': 'application/json', authorization: 'Bearer secret' });
  });

  it('goes below the address of the service, and to the root that is named', async () => {
    const behind = { url: new URL('http://service/segue/'), root: 'a b' };
    expect((await sent(behind, (client) => client.items({ q: 'x y' }))).line).toBe(
      'GET http://service/segue/v1/a%20b/items?q=x+y',
    );
    expect((await sent(behind, (client) => client.health())).line).toBe('GET http://service/segue/healthz');
  });

  it('cannot be one that the service does not take', () => {
    // @ts-expect-error: a parameter that there is not
    const typo: Asked<'similar'> = { item: 'a', maxPerAlbum: 1 };
    // @ts-expect-error: and one that is missing
    const missing: Asked<'listener'> = { k: 1 };
    // @ts-expect-error: and one of another kind
    const kind: Asked<'feedback'> = { feedback: [{ user: 'u', item: 'a', type: 'adore' }] };
    expect([typo, missing, kind]).toHaveLength(3);
  });
});

describe('a problem', () => {
  it('has the words of the service', async () => {
    const place = { pointer: '/queries/0/item', requestId: 'r-1' };
    const more = { suggestions: ['name one'], ids: ['a', 'b'], detail: 'x means 2 items', ...place };
    const { fetch } = fakeService([refused(409, 'item-ambiguous', {}, more)]);
    const error: unknown = await new SegueClient({ fetch, url: 'http://a' })
      .item({ item: 'x' })
      .catch((each: unknown) => each);
    expect(error).toBeInstanceOf(SegueProblem);
    expect(error).toMatchObject({
      name: 'SegueProblem',
      status: 409,
      code: 'item-ambiguous',
      ...more,
      message: more.detail,
    });
  });

  it.each(['<html>not found</html>', '{"status":"404"}', 'null', ''])(
    'of something else is said to be that: %s',
    async (text) => {
      const { fetch } = fakeService([new Response(text, { status: 404, statusText: 'Not Found' })]);
      await expect(new SegueClient({ fetch, url: 'http://a' }).items()).rejects.toMatchObject({
        ...{ status: 404, code: 'http-404', suggestions: [], ids: [] },
        message: 'the service did not answer, but something before it: 404 Not Found',
      });
    },
  );
});
