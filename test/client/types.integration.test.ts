/** The types of the package under the settings that programs have, by both compilers: the examples of docs are such programs. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'segue-types-'));
const files: string[] = [];

/** Every method of the client, and what must not compile. */
const calls = `
  import { SegueClient, SegueProblem, type Answer, type Asked, type MapProgress } from '@segue-music/segue/client';
  const client = new SegueClient({ url: 'http://127.0.0.1:7341' });
  const k: number | undefined = Math.random() > 2 ? 3 : undefined;
  const similar: Answer<'similar'> = await client.similar({ item: 'Plush', maxPerArtist: 2, k });
  const first: string | undefined = similar.neighbours[0]?.id;
  const asked: Asked<'recommendToUser'> = { user: 'ann', k: 3 };
  const toUser = await client.recommendToUser({ ...asked, recipe: 'feed' });
  const model = await client.recommend({ like: ['Plush'] });
  const many = await client.similarMany({ queries: [{ item: ['Plush'], k: 2 }] });
  const kept = await client.events({ events: [{ user: 'ann', item: 'x', type: 'play' }] });
  await client.feedback({ feedback: [{ user: 'ann', item: 'Plush', type: 'like' }] });
  for await (const page of client.pages('items', { q: 'stone', k: 10 })) console.log(page.items.length);
  await client.items();
  for await (const { id, events } of client.lines('items', { k: 2 })) console.log(id, events.toFixed(0));
  const map: ArrayBuffer | MapProgress = await client.ask('map', {});
  await client.item({ item: 'Plush' });
  await client.audience({ item: 'Plush' });
  await client.map();
  console.log(map, first, toUser.recommendations, model.recommendations[0]?.score, many.answers.length, kept.ledger);
  export const problem = (error: unknown): boolean => error instanceof SegueProblem;
  // @ts-expect-error: it has no such parameter
  await client.similar({ item: 'Plush', limit: 3 });
  // @ts-expect-error: no lines come of it
  client.lines('similar', { item: 'Plush' });
  // @ts-expect-error: it asks nothing
  await client.snapshots({ k: 3 });
  // @ts-expect-error: a user is needed
  await client.recommendToUser({ k: 3 });
`;

beforeAll(() => {
  mkdirSync(join(folder, 'node_modules/@segue-music'), { recursive: true });
  symlinkSync(repository, join(folder, 'node_modules/@segue-music/segue'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  const programs = ['README.md', 'docs/reference/api.md', 'docs/reference/client.md'].flatMap((page) =>
    [...readFileSync(join(repository, page), 'utf8').matchAll(/^```ts\n(import .*?)^```/gms)].map(
      ([, code]) => code!,
    ),
  );
  for (const [at, code] of [calls, ...programs].entries()) {
    files.push(`example-${at}.ts`);
    writeFileSync(join(folder, `example-${at}.ts`), code);
  }
  expect(files.length).toBeGreaterThan(5);
});

afterAll(() => rmSync(folder, { recursive: true }));

// The native compiler takes a tenth of the time: the other one is asked once.
it.each([
  ['typescript', 'NodeNext', false],
  ['typescript-native', 'NodeNext', false],
  ['typescript-native', 'NodeNext', true],
  ['typescript-native', 'Bundler', false],
  ['typescript-native', 'Bundler', true],
] as const)(
  'compile by %s under strict, %s, exactOptionalPropertyTypes %s',
  async (compiler, moduleResolution, exactOptionalPropertyTypes) => {
    const compilerOptions = {
      ...{
        strict: true,
        noEmit: true,
        target: 'ES2023',
        types: [],
        moduleResolution,
        exactOptionalPropertyTypes,
      },
      module: moduleResolution === 'Bundler' ? 'ESNext' : 'NodeNext',
      ...{ skipLibCheck: false, skipDefaultLibCheck: true },
    };
    const name = `tsconfig.${compiler}-${moduleResolution}-${exactOptionalPropertyTypes}.json`;
    writeFileSync(join(folder, name), JSON.stringify({ compilerOptions, files }));
    const tsc = join(repository, 'node_modules', compiler, 'bin/tsc');
    const { stdout } = await promisify(execFile)(process.execPath, [tsc, '-p', name], { cwd: folder }).catch(
      (error: unknown) => error as { stdout: string },
    );
    expect(stdout).toBe('');
  },
);
