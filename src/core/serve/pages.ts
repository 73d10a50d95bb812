/** The web page at `/`: a few files of the package, read once. It asks the API like everyone else. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';

const folder = new URL('../../web/', import.meta.url);

/** Nothing but what the page itself brings, and no request to anywhere but this service. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

const types: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

export interface PagesOptions {
  /** Whether there are routes that keep what listeners say: the page offers it then. */
  readonly writes: boolean;
}

/** Throws what reading the package's own files throws. */
export function addPages(app: FastifyInstance, { writes }: PagesOptions): void {
  const schema = { hide: true };
  const kept = `<meta name="segue-feedback" content="${writes ? 'yes' : 'no'}" />`;
  const html = readFileSync(new URL('index.html', folder), 'utf8').replace(
    '</title>',
    `</title>\n    ${kept}`,
  );
  const tag = `"${createHash('sha256').update(html).digest('hex').slice(0, 16)}"`;
  app.get('/', { schema }, (request, reply) => {
    void reply
      .header('content-type', 'text/html; charset=utf-8')
      .header('content-security-policy', policy)
      .header('referrer-policy', 'no-referrer')
      .header('cross-origin-opener-policy', 'same-origin')
      .header('cross-origin-resource-policy', 'same-origin')
      // Asked for anew each time, since it names the others by their content.
      .header('cache-control', 'no-cache')
      .header('etag', tag);
    return request.headers['if-none-match'] === tag ? reply.code(304).send() : reply.send(html);
  });
  const assets = new URL('assets/', folder);
  for (const name of readdirSync(assets)) {
    const type = types[name.slice(name.lastIndexOf('.') + 1)];
    if (type === undefined) continue;
    const bytes = readFileSync(new URL(name, assets));
    app.get(`/assets/${name}`, { schema }, (_request, reply) =>
      reply
        .header('content-type', type)
        .header('cross-origin-resource-policy', 'same-origin')
        // Its name is made of its content.
        .header('cache-control', 'public, max-age=31536000, immutable')
        .send(bytes),
    );
  }
}
