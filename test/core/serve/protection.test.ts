/** Who may ask a service, and what it does not take: other hosts, other sites' pages, wrong tokens, too much, too slowly. */
import { connect } from 'node:net';
import { request } from 'node:http';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeRockRoot } from '../../helpers/rock-root.js';
import { makeFolder, type Folder } from '../../helpers/trained-root.js';
import { makeSmallSnapshot } from '../../helpers/small-snapshot.js';
import { idA } from '../../helpers/snapshots.js';
import { startService, type Service } from '../../helpers/service.js';
import { words } from '../../helpers/words.js';

let folder: Folder;
let root: string;
let service: Service;
const liked = { user: 'ann', item: 'id:x', type: 'like' };

beforeAll(async () => {
  folder = await makeRockRoot();
  root = join(folder.path, 'root');
  service = await startService([root], { allowHost: ['music.internal'], workers: 0 });
});
afterAll(async () => {
  await service.close();
  folder.remove();
});

/** With headers that fetch would not send. */
function raw(path: string, headers: Record<string, string>, method = 'GET'): Promise<number> {
  return new Promise((resolve, reject) => {
    request(service.url + path, { method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode!);
    })
      .on('error', reject)
      .end();
  });
}

/** What is answered to these bytes, as text, when the connection ends. */
function bytes(text: string, port = service.serving.port): Promise<string> {
  return new Promise((resolve, reject) => {
    let got = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.setEncoding('utf8').on('data', (part: string) => (got += part));
    socket.on('error', reject).on('close', () => resolve(got));
  });
}

describe('a request', () => {
  it.each([
    ['127.0.0.1:1', 200],
    ['LOCALHOST', 200],
    ['[::1]:7341', 200],
    ['music.internal', 200],
    ['evil.example', 421],
    ['127.0.0.1.evil.example', 421],
    ['localhost@evil.example', 421],
    ['a b', 421],
  ])('for the host %j is answered with %i', async (host, status) => {
    expect(await raw('/v1/items', { host })).toBe(status);
    // Nothing tells another host anything.
    expect(await raw('/healthz', { host })).toBe(status);
    expect(await bytes('GET /healthz HTTP/1.1\r\nhost:\r\nconnection: close\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 421 /,
    );
  });

  it('of a page of another site is refused, whatever it asks', async () => {
    const own = `127.0.0.1:${service.serving.port}`;
    const of = (origin: string): Promise<number> => raw('/v1/items', { origin, host: own });
    expect(await of(`http://${own}`)).toBe(200);
    for (const origin of [
      'https://evil.example',
      'null',
      `http://${own}.evil.example`,
      'http://127.0.0.1:1',
      '',
    ])
      expect(await of(origin), origin).toBe(403);
    const { headers } = await service.get('/v1/items');
    expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    expect(await raw('/v1/items', { origin: `http://${own}`, host: own }, 'OPTIONS')).toBe(405);
  });

  it('that writes needs a token, and only JSON', async () => {
    const { url, token } = service;
    const post = (headers: Record<string, string>): Promise<number> =>
      fetch(`${url}/v1/feedback`, { method: 'POST', body: JSON.stringify(liked), headers }).then(
        ({ status }) => status,
      );
    const json = { 'content-type': 'application/json' };
    const authorization = `Bearer ${token}`;
    expect(await post(json)).toBe(401);
    for (const wrong of [
      'Bearer x',
      `Basic ${token}`,
      `Bearer ${token}x`,
      `Bearer ${token} `.repeat(99),
      token,
      'Bearer ',
    ])
      expect(await post({ ...json, authorization: wrong }), wrong).toBe(401);
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'])
      expect(await post({ 'content-type': type, authorization }), type).toBe(415);
    expect(await post({ ...json, authorization })).toBe(200);
    expect((await folder.json(['feedback', 'list', 'ann']))[0]!['entries']).toHaveLength(1);
  });

  it('with a body that is no JSON, or of another shape, is refused and nothing is kept', async () => {
    const status = async (body: unknown): Promise<number> =>
      (await service.post('/v1/feedback', body)).status;
    const deep = '['.repeat(100_000);
    for (const body of [
      '{',
      '',
      'null',
      '3',
      '[]',
      '{}',
      deep,
      '{"feedback":{}}',
      '{"feedback":[]}',
      { feedback: [liked], x: 1 },
    ])
      expect(await status(body), JSON.stringify(body).slice(0, 40)).toBe(400);
    const wrong = [
      { user: null },
      { user: 3 },
      { type: 'love' },
      { time: 'soon' },
      { weight: -1 },
      { __proto__x: 1 },
    ];
    for (const part of wrong)
      expect(await status({ ...liked, user: 'eve', ...part }), JSON.stringify(part)).toBe(400);
    expect(
      await status('{"feedback":[{"user":"eve","item":"id:x","type":"like","__proto__":{"a":1}}]}'),
    ).toBe(400);
    expect(await status({ feedback: Array.from({ length: 1001 }, () => liked) })).toBe(400);
    expect((await service.get('/v1/recommend/eve?strict=true')).status).toBe(404);
  });

  it('with too large a body, head or address is refused before it is read', async () => {
    const large = await bytes(
      `POST /v1/feedback HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${service.token}\r\n` +
        'content-type: application/json\r\ncontent-length: 300000000\r\nconnection: close\r\n\r\n',
    );
    expect(large).toMatch(/^HTTP\/1\.1 413 /);
    const headers = Array.from({ length: 10_000 }, (_, at) => `x${at}: y\r\n`).join('');
    expect(await bytes(`GET /v1/items HTTP/1.1\r\nhost: localhost\r\n${headers}\r\n`)).toMatch(
      /^HTTP\/1\.1 431 /,
    );
    expect(await bytes('nonsense\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 400 [^]*"detail":"this is no request of HTTP\/1\.1"/,
    );
    expect((await service.get(`/v1/items/${'x'.repeat(5000)}`)).status).toBe(414);
  });

  it('of a user whose id has every byte is one user', async () => {
    for (const user of ['a/b', '%', 'ü 😀', '"\'<>&', '\u0001', 'id:x', '__proto__']) {
      await service.post('/v1/feedback', { ...liked, user, item: 'Plush' });
      const { status, body } = await service.get(`/v1/listeners/${encodeURIComponent(user)}/vector`);
      expect([status, body.user], JSON.stringify(user)).toEqual([200, user]);
    }
  });
});

describe('a token', () => {
  const [reader, listener, writer, all] = ['r', 'l', 'w', 'a'].map((letter) => letter.repeat(16));
  let guarded: Service;
  beforeAll(async () => {
    const tokenFile = join(folder.path, 'tokens');
    const lines = [
      `${reader!} read`,
      `# a comment`,
      `${listener!}  read,listeners`,
      '',
      `${writer!} feedback`,
      all!,
    ];
    writeFileSync(tokenFile, lines.join('\n'));
    guarded = await startService([root], { tokenFile, requireToken: true, workers: 0 });
  });
  afterAll(() => guarded.close());

  it('gives the rights that its line names, and no others', async () => {
    const statuses = async (token: string | undefined): Promise<number[]> => {
      const authorization: Record<string, string> =
        token === undefined ? {} : { authorization: `Bearer ${token}` };
      const gets = words`/v1/items /openapi.json /metrics /v1/recommend?like=Plush
        /v1/audience?item=Plush`;
      const got = await Promise.all(
        gets.map(async (path) => (await guarded.get(path, authorization)).status),
      );
      const { status } = await guarded.post('/v1/events', { ...liked, type: 'play' }, authorization);
      return [...got, status, (await guarded.get('/healthz')).status];
    };
    expect(await statuses(reader)).toEqual([200, 200, 200, 403, 403, 403, 200]);
    expect(await statuses(listener)).toEqual([200, 200, 200, 200, 200, 403, 200]);
    expect(await statuses(writer)).toEqual([403, 403, 403, 403, 403, 200, 200]);
    expect(await statuses(all)).toEqual([200, 200, 200, 200, 200, 200, 200]);
    expect(await statuses('x'.repeat(16))).toEqual([401, 401, 401, 401, 401, 401, 200]);
  });

  it.each([
    ['short read\n', 'line 1: the token has 5 characters: wanted at least 16'],
    [`${'x'.repeat(16)} read,write\n`, 'line 1: "write" is no right: wanted read, listeners, feedback'],
    [`\n${'x'.repeat(16)} read jazz\n`, 'line 2: "jazz" is no root: there are none with a name'],
    ['# none\n', 'holds no token'],
  ])('of the file %j is refused', async (text, message) => {
    const tokenFile = join(folder.path, 'wrong-tokens');
    writeFileSync(tokenFile, text);
    await expect(startService([root], { tokenFile })).rejects.toThrow(message);
  });
});

describe('several roots', () => {
  it('are tenants: neither is seen by who may ask the other', async () => {
    const other = makeFolder();
    await makeSmallSnapshot(join(other.path, 'root'), idA, {
      items: [
        ['jazz-one', 1, 0],
        ['jazz-two', 0, 1],
      ],
    });
    const tokenFile = join(folder.path, 'tenants');
    const [rock, jazz] = ['rock'.repeat(4), 'jazz'.repeat(4)];
    writeFileSync(tokenFile, `${rock} read,listeners,feedback rock\n${jazz} read,listeners,feedback jazz\n`);
    const both = await startService([`rock=${root}`, `jazz=${join(other.path, 'root')}`], {
      ...{ tokenFile, requireToken: true, workers: 0 },
    });
    try {
      const get = async (path: string, token: string): Promise<number> =>
        (await both.get(path, { authorization: `Bearer ${token}` })).status;
      expect(await get('/v1/rock/items/Plush', rock)).toBe(200);
      expect(await get('/v1/jazz/items/jazz-one', jazz)).toBe(200);
      for (const path of ['/v1/rock/items/Plush', '/v1/rock/snapshots', '/v1', '/metrics', '/openapi.json'])
        expect(await get(path, jazz), path).toBe(403);
      expect(await get('/v1/jazz/items/Plush', jazz)).toBe(404);
      expect(await get('/v1/blues/items', jazz)).toBe(403);
      expect(await get('/v1/items', rock)).toBe(404);
      expect(await get('/v1/rock/items?kk=1', rock)).toBe(400);
      const headers = { authorization: `Bearer ${rock}` };
      expect((await both.post('/v1/jazz/feedback', liked, headers)).status).toBe(403);
      expect((await both.post('/v1/rock/feedback', { ...liked, user: 'bob' }, headers)).status).toBe(200);
      expect((await other.json(['feedback', 'list']))[0]!['users']).toEqual([]);
    } finally {
      await both.close();
      other.remove();
    }
  });

  it.each([
    [['a', 'b'], 'each needs a name'],
    [['x=a', 'b'], 'each needs a name'],
    [['x=a', 'x=b'], 'names have to differ'],
  ])('%j are refused', (roots, message) => expect(startService(roots)).rejects.toThrow(message));
});
