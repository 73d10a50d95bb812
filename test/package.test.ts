/** What package.json says that the package has. The package as npm packs it: package.integration.test.ts. */
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { isKnownInPackage, neededInPackage } from './helpers/package-files.js';
import { inSmokeTest } from './helpers/full-tests.js';

const quickly = inSmokeTest();

const repository = fileURLToPath(new URL('..', import.meta.url));
const inRepository = (path: string): string => join(repository, path);
const manifest = readFileSync(inRepository('package.json'), 'utf8');
const { files } = JSON.parse(manifest) as { files: readonly string[] };

/** A pattern of `files`, of names, `*` and `**`; of a directory it takes all. */
const patternOf = (glob: string): RegExp =>
  new RegExp(
    `^${glob.replaceAll('.', '\\.').replace(/\*\*\/|\*/g, (stars) => (stars === '*' ? '[^/]*' : '(?:.*/)?'))}(?:/|$)`,
  );
const [left, taken] = [true, false].map((isLeft) =>
  files.filter((glob) => glob.startsWith('!') === isLeft).map((glob) => patternOf(glob.replace('!', ''))),
) as [RegExp[], RegExp[]];

/** npm adds these whatever is said. */
const always = ['LICENSE', 'README.md', 'package.json'];
const tops = new Set(files.map((glob) => glob.replace('!', '').split('/')[0]!));
const below = (top: string): string[] =>
  statSync(inRepository(top)).isFile()
    ? [top]
    : readdirSync(inRepository(top), { recursive: true, encoding: 'utf8' })
        .map((name) => `${top}/${name}`)
        .filter((path) => statSync(inRepository(path)).isFile());
const packed = [...always, ...[...tops].flatMap(below)].filter(
  (path) =>
    always.includes(path) ||
    (taken.some((pattern) => pattern.test(path)) && !left.some((pattern) => pattern.test(path))),
);

quickly('has what running needs and the papers, and what its manifest points to', () => {
  const pointedTo = [...manifest.matchAll(/"\.\/([^"*]+\.\w+)"/g)].map(([, path]) => path!);
  expect(pointedTo.length).toBeGreaterThan(4);
  expect(packed).toEqual(expect.arrayContaining([...neededInPackage, ...pointedTo]));
});

quickly('has neither source, tests nor build notes', () => {
  expect(packed.filter((path) => !isKnownInPackage(path))).toEqual([]);
});
