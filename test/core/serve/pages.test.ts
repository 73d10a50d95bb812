import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openerOf } from '#dist/core/serve/open-browser.js';
import { startService, type Service } from '../../helpers/service.js';
import { makeRockRoot } from '../../helpers/rock-root.js';
import type { Folder } from '../../helpers/trained-root.js';
import { words } from '../../helpers/words.js';

let folder: Folder;
let service: Service;
let readOnly: Service;
beforeAll(async () => {
  folder = await makeRockRoot();
  const roots = [`${folder.path}/root`];
  [service, readOnly] = await Promise.all([
    startService(roots, { workers: 0 }),
    startService(roots, { workers: 0, readOnly: true }),
  ]);
});
afterAll(async () => {
  await Promise.all([service.close(), readOnly.close()]);
  folder.remove();
});

describe('the page', () => {
  it('may do nothing but what it brings with it', async () => {
    const { status, headers, text } = await service.get('/');
    expect(status).toBe(200);
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
    );
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
    expect(text).not.toMatch(/<script(?![^>]* src="assets\/)|<style|style=|https?:/);
  });

  it('is asked for anew, and its parts never again', async () => {
    const { headers, text } = await service.get('/');
    expect(headers.get('cache-control')).toBe('no-cache');
    const again = await service.get('/', { 'if-none-match': headers.get('etag')! });
    expect([again.status, again.text]).toEqual([304, '']);
    const parts = [...text.matchAll(/assets\/[\w-]+\.(js|css)/g)];
    expect(parts.map(([, ending]) => ending)).toEqual(['css', 'js']);
    for (const [path, ending] of parts) {
      const part = await service.get(`/${path}`);
      expect(part.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(part.headers.get('content-type')).toContain(ending === 'js' ? 'text/javascript' : 'text/css');
    }
  });

  it.each(words`/assets/ /assets/index.html /assets/..%2findex.html /assets/%2e%2e/%2e%2e/package.json
    /index.html`)('is no way to other files: %s', async (path) => {
    expect((await service.get(path)).status).toBe(404);
  });
});

it('a service that only reads has no route that writes, no token, and says so to the page', async () => {
  expect(readOnly.serving.token).toBeNull();
  for (const path of ['/v1/feedback', '/v1/events']) {
    const { status } = await readOnly.post(path, { user: 'u', item: 'i' });
    expect(status, path).toBe(404);
  }
  const { body } = await readOnly.get('/openapi.json');
  expect(Object.keys(body.paths)).not.toContain('/v1/feedback');
  expect((await readOnly.get('/')).text).toContain('name="segue-feedback" content="no"');
  expect((await service.get('/')).text).toContain('name="segue-feedback" content="yes"');
});

it('opening a browser gives the address as one argument, which no shell reads', () => {
  const url = 'http://127.0.0.1:1/#token=a&/?snapshot=b';
  expect(openerOf('linux', url)).toEqual(['xdg-open', [url]]);
  expect(openerOf('darwin', url)).toEqual(['open', [url]]);
  expect(openerOf('win32', url)[1]).toContain(url);
});
