import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';

const repository = new URL('../../', import.meta.url);

it('is as small as docs/reference/explore.md says, within a kB', () => {
  const docs = readFileSync(new URL('docs/reference/explore.md', repository), 'utf8');
  const said = /\((\d+) kB and (\d+) kB; (\d+) and\s(\d+) compressed/.exec(docs)!.slice(1).map(Number);
  const assets = new URL('dist/web/assets/', repository);
  const files = ['.js', '.css'].map((ending) =>
    readFileSync(
      new URL(
        readdirSync(assets).find((name) => name.endsWith(ending))!,
        assets,
      ),
    ),
  );
  const sizes = [...files, ...files.map((bytes) => gzipSync(bytes))].map(({ length }) => length / 1000);
  for (const [at, size] of sizes.entries()) expect(Math.abs(size - said[at]!)).toBeLessThan(1);
});
