/** docs/reference/api.md is what the source says, and its examples run as they are printed. */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { temporaryDirectories } from './helpers/temporary-directory.js';

const run = promisify(execFile);
const repository = fileURLToPath(new URL('..', import.meta.url));
const page = readFileSync(join(repository, 'docs/reference/api.md'), 'utf8');
const temporaryDirectory = temporaryDirectories('test');

describe('docs/reference/api.md', () => {
  it.each([
    ['docs/reference/api.md', 'make-api-page.mjs'],
    ['clients/python/src/segue/_options.py', 'make-python-options.mjs'],
  ])('%s is made from the source: node scripts/%s', async (path, script) => {
    const args = [join(repository, 'scripts', script), '-'];
    const { stdout } = await run(process.execPath, args, { maxBuffer: 1e7 });
    expect(stdout).toBe(readFileSync(join(repository, path), 'utf8'));
  });

  it('and the tables of keys of other pages: node scripts/make-key-tables.mjs', async () => {
    await run(process.execPath, [join(repository, 'scripts/make-key-tables.mjs'), '--check']);
  });

  it('has examples that run one after the other, and one of every function', async () => {
    const folder = temporaryDirectory();
    mkdirSync(join(folder, 'node_modules/@segue-music'), { recursive: true });
    symlinkSync(repository, join(folder, 'node_modules/@segue-music/segue'));
    symlinkSync(join(repository, 'examples'), join(folder, 'examples'));
    writeFileSync(join(folder, 'new-releases.csv'), 'id,name,artist,released\nnew,New Song,Nirvana,1993\n');
    const examples = [...page.matchAll(/^```ts\n(import .*?)^```/gms)].map(([, code]) => code!);
    const headings = [...page.matchAll(/^## ([a-z]\w+)$/gm)].map(([, name]) => name!);
    for (const name of headings)
      expect(
        examples.some((code) => code.includes(`${name}(`)),
        name,
      ).toBe(true);
    for (const [index, code] of examples.entries()) writeFileSync(join(folder, `${index}.mjs`), code);
    const all = examples.map((_, index) => `await import('./${index}.mjs');`).join('\n');
    writeFileSync(join(folder, 'all.mjs'), all);
    const { stdout } = await run(process.execPath, ['all.mjs'], { cwd: folder, timeout: 900_000 });
    expect(stdout).toContain('Stone Temple Pilots');
  });
});
