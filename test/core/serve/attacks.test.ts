/** What a service meets in the open: what is hardly HTTP, pages of other sites, disks that fill, files that go. */
import { renameSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeRockRoot } from '../../helpers/rock-root.js';
import type { Folder } from '../../helpers/trained-root.js';
import { startService, type Service } from '../../helpers/service.js';

let folder: Folder;
let root: string;
let service: Service;

beforeAll(async () => {
  folder = await makeRockRoot();
  root = join(folder.path, 'root');
  service = await startService([root], { workers: 0 });
});
afterAll(async () => {
  await service.close();
  folder.remove();
});

/** What is answered to these bytes, when the connection ends: the status, and the body. */
function bytes(text: string): Promise<[status: number, head: string, body: any]> {
  return new Promise((resolve, reject) => {
    let got = '';
    const socket = connect(service.serving.port, '127.0.0.1', () => socket.write(text, 'latin1'));
    socket.setEncoding('utf8').on('data', (part: string) => (got += part));
    socket.on('error', reject).on('close', () => {
      const [head, body] = got.split('\r\n\r\n', 2);
      resolve([Number(got.slice(9, 12)), head!, JSON.parse(body!)]);
    });
  });
}

/** With headers that fetch would not send. */
function status(at: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    request(at, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode!);
    })
      .on('error', reject)
      .end();
  });
}

describe('what is hardly a request', () => {
  const end = 'host: localhost\r\nconnection: close\r\n\r\n';
  it.each([
    ['bytes', 'nonsense\r\n\r\n', 400, 'bad-request'],
    [
      'two lengths',
      `POST /v1/events HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n${end}`,
      400,
      'bad-request',
    ],
    ['a long head', `GET / HTTP/1.1\r\nx: ${'y'.repeat(20_000)}\r\n${end}`, 431, 'head-too-large'],
    ['no UTF-8', `GET /v1/items/%ff HTTP/1.1\r\n${end}`, 400, 'bad-request'],
    ['a parameter that is no UTF-8', `GET /v1/items?q=caf%e9 HTTP/1.1\r\n${end}`, 400, 'bad-request'],
    ['a method of its own', `FETCH /v1/items HTTP/1.1\r\n${end}`, 501, 'no-such-method'],
    ['a method that no route has', `PURGE /v1/items HTTP/1.1\r\n${end}`, 501, 'no-such-method'],
    ['TRACE', `TRACE /v1/items HTTP/1.1\r\n${end}`, 405, 'no-such-method'],
    ['a long part', `GET /v1/items/${'x'.repeat(5000)} HTTP/1.1\r\n${end}`, 414, 'address-too-long'],
    ['two hosts', `GET /v1/items HTTP/1.1\r\nHost: evil.example\r\n${end}`, 400, 'bad-request'],
    [
      'another host',
      'GET /v1/items/%ff HTTP/1.1\r\nhost: evil\r\nconnection: close\r\n\r\n',
      421,
      'another-host',
    ],
  ])('(%s) has a problem document', async (_, text, wanted, code) => {
    const [got, head, body] = await bytes(text);
    expect([got, body.status, body.code]).toEqual([wanted, wanted, code]);
    expect(head).toMatch(/^content-type: application\/problem\+json; charset=utf-8$/m);
    expect(head).not.toMatch(/another|items|evil/);
  });

  it('and came too slowly neither', async () => {
    const [got, , body] = await bytes('GET /v1/items HTTP/1.1\r\nhost: local');
    expect([got, body.code]).toEqual([408, 'too-slow']);
  });

  it('and is not UTF-8 is refused, and not kept as other letters', async () => {
    const body = '{"user":"ann","item":"Plush","type":"like","source":"caf\xe9"}';
    const about = `content-type: application/json\r\nauthorization: Bearer ${service.token}\r\n`;
    for (const path of ['feedback', 'events']) {
      const head = `POST /v1/${path} HTTP/1.1\r\n${about}content-length: ${body.length}\r\n${end}`;
      const [got, , problem] = await bytes(head + body);
      expect([got, problem.detail]).toEqual([400, 'the body is not UTF-8']);
    }
  });

  it('of one entry says what is missing of it', async () => {
    const { status: got, body } = await service.post('/v1/feedback', { item: 'Plush' });
    expect([got, body.detail]).toEqual([400, '`user` is missing']);
  });
});

it('a body that is sent in spite of its size is not read to its end', async () => {
  const head =
    'POST /v1/feedback HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n' +
    `authorization: Bearer ${service.token}\r\ntransfer-encoding: chunked\r\n\r\n`;
  const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(0x10000, ' '), Buffer.from('\r\n')]);
  const socket = connect(service.serving.port, '127.0.0.1');
  let got = '';
  let sent = 0;
  socket.setEncoding('utf8').on('data', (part: string) => (got += part));
  // It may be closed while more is sent.
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(head);
  while (!socket.destroyed && got === '' && sent < 300_000_000) {
    sent += chunk.length;
    if (!socket.write(chunk))
      await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), closed]);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(got).toMatch(/^HTTP\/1\.1 413 /);
  expect(sent).toBeLessThan(50_000_000);
  socket.destroy();
  await closed;
  expect((await service.get('/healthz')).status).toBe(200);
});

it('what a page of another site embeds is refused; a link from it is not', async () => {
  const at = (site: string, destination: string): Promise<number> =>
    status(`${service.url}/v1/items`, { 'sec-fetch-site': site, 'sec-fetch-dest': destination });
  for (const site of ['cross-site', 'same-site'])
    for (const destination of ['script', 'image', 'iframe', 'object', 'empty'])
      expect(await at(site, destination), `${site} ${destination}`).toBe(403);
  expect(await at('cross-site', 'document')).toBe(200);
  expect(await at('same-origin', 'empty')).toBe(200);
  expect(await at('none', 'document')).toBe(200);
});

it.each([
  ['localhost', ['127.0.0.1', 'localhost', '[::1]']],
  ['127.0.0.2', ['127.0.0.2', '127.0.0.1', 'localhost', '[::1]']],
])('at %s every name of this machine for itself is its own', async (host, names) => {
  const other = await startService([root], { host, workers: 0 });
  try {
    for (const name of names) {
      const as = `${name}:${other.serving.port}`;
      expect(await status(`${other.url}/healthz`, { host: as }), as).toBe(200);
    }
    expect(await status(`${other.url}/healthz`, { host: '127.0.1.1' })).toBe(421);
  } finally {
    await other.close();
  }
});

it.each([
  [`${'x'.repeat(16)} read\n${'x'.repeat(16)} feedback\n`, 'line 2: line 1 has the same token'],
  [`${'x'.repeat(513)}\n`, 'the token has 513 characters: wanted at most 512'],
])('tokens that would never do what they say are refused', async (text, message) => {
  const tokenFile = join(folder.path, 'tokens');
  writeFileSync(tokenFile, text);
  await expect(startService([root], { tokenFile })).rejects.toThrow(message);
});

it('a time that no timer has is refused', async () => {
  await expect(startService([root], { timeout: '25d' })).rejects.toThrow('of at most 1d');
});

it('feedback is kept again when what was gone is back', async () => {
  const liked = { user: 'ann', item: 'Plush', type: 'like' };
  const [there, away] = [join(root, 'snapshots'), join(root, 'away')];
  renameSync(there, away);
  const { status: got, text } = await service.post('/v1/feedback', liked);
  expect(got).toBeGreaterThanOrEqual(400);
  expect(text).not.toContain(folder.path);
  renameSync(away, there);
  expect((await service.post('/v1/feedback', liked)).status).toBe(200);
});

it('a text that only has a directory in it is answered as it is', async () => {
  const { body } = await service.get(`/v1/items/${encodeURIComponent(`x${root}x`)}`);
  expect(body.detail).toContain(`x${root}x`);
});

it('an id with any byte names nobody, or whoever it is', async () => {
  const routes = ['/v1/items/', '/v1/recommend/', '/v1/similar?item='];
  // Those from 80 on are no UTF-8 by themselves.
  for (let byte = 0; byte < 256; byte += byte < 128 ? 1 : 16) {
    const strict = byte % 3 === 1 ? '?strict=true' : '';
    const path = `${routes[byte % 3]!}x%${byte.toString(16).padStart(2, '0')}y${strict}`;
    const { status, body } = await service.get(path);
    expect([400, 404], `${path} ${body.detail}`).toContain(status);
  }
  const id = String.fromCharCode(...Array.from({ length: 127 }, (_, at) => at + 1));
  const kept = await service.post('/v1/feedback', { user: id, item: 'Plush', type: 'like' });
  expect(kept.status).toBe(200);
  const { status, body } = await service.get(`/v1/listeners/${encodeURIComponent(id)}/vector`);
  expect([status, body.user]).toEqual([200, id]);
});
