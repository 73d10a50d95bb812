/** The package as npm packs and installs it: what it has, that it starts, and its types for bundlers and Node. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isKnownInPackage, neededInPackage } from './helpers/package-files.js';

const run = promisify(execFile);
const repository = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')) as {
  name: string;
  version: string;
  dependencies: Record<string, string>;
};

let folder = '';
let packed: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'segue-package-'));
  // The build that prepack would make is there already: `npm test` builds first.
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const { stdout } = await run('npm', args, { cwd: repository });
  const [{ filename, files }] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
  packed = files.map(({ path }) => path).sort();

  // What `npm install` of the tarball makes, with the dependencies (and nothing else) linked from here.
  const modules = join(folder, 'node_modules');
  const installed = join(modules, manifest.name);
  await mkdir(installed, { recursive: true });
  await run('tar', ['-xzf', join(folder, filename), '-C', installed, '--strip-components=1']);
  for (const dependency of Object.keys(manifest.dependencies)) {
    await mkdir(dirname(join(modules, dependency)), { recursive: true });
    await symlink(join(repository, 'node_modules', dependency), join(modules, dependency));
  }
  await mkdir(join(modules, '.bin'));
  await symlink(`../${manifest.name}/bin/run.js`, join(modules, '.bin/segue'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the npm package', () => {
  it('has what running needs, and the papers', () => {
    expect(packed).toEqual(expect.arrayContaining([...neededInPackage]));
  });

  it('has neither source, tests nor build notes', () => {
    expect(packed.filter((path) => !isKnownInPackage(path))).toEqual([]);
  });

  it('starts from any folder', async () => {
    const segue = join(folder, 'node_modules/.bin/segue');
    const { stdout } = await run(segue, ['--version'], { cwd: tmpdir() });
    expect(stdout).toContain(manifest.version);
    const help = await run(segue, ['--help'], { cwd: tmpdir() });
    expect(help.stdout).toContain('train');
    const recipes = await run(segue, ['recipe', 'list'], { cwd: tmpdir() });
    expect(recipes.stdout).toContain('discover');
  });

  it('is a typed library', async () => {
    const example = `
      import { AppError, similar, train } from '${manifest.name}';
      import type { SimilarOptions, SimilarResult, TaskContext, TrainPlan } from '${manifest.name}';

      const context: TaskContext = { onProgress: ({ kind }) => console.log(kind) };
      const options: SimilarOptions = { root: 'nowhere', items: ['x'] };
      try {
        const { neighbours }: SimilarResult = await similar(options, context);
        console.log(neighbours.map(({ id, similarity }) => \`\${id} \${similarity.toFixed(3)}\`));
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        console.log(error.code, error.exitCode);
      }
      export const plan = (): Promise<TrainPlan> => train({ events: ['x'], dryRun: true });
      // @ts-expect-error: an option that does not exist is an error of types
      export const wrong: SimilarOptions = { ...options, typo: true };
      // @ts-expect-error: and so is one that is missing
      export const missing = (): Promise<unknown> => train({ root: 'nowhere' });
    `;
    await writeFile(join(folder, 'example.ts'), example);
    // The examples of the documents are compiled beside it.
    const pages = ['README.md', 'docs/programs.md', 'docs/reference/api.md', 'docs/reference/client.md'].map(
      (path) => readFile(join(repository, path), 'utf8'),
    );
    const printed = (await Promise.all(pages)).flatMap((page) =>
      [...page.matchAll(/^```ts\n(import .*?)^```/gms)].map(([, code]) => code!),
    );
    expect(printed.length).toBeGreaterThan(0);
    const files = ['example.ts', ...printed.map((_, index) => `printed-${index}.ts`)];
    for (const [index, code] of printed.entries()) await writeFile(join(folder, `printed-${index}.ts`), code);
    await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
    // The native compiler takes a tenth of the time. The first makes example.js. Nothing is there but what npm installs with the package: not even types of Node's own.
    for (const [compiler, module, moduleResolution, exactOptionalPropertyTypes] of [
      ['typescript', 'NodeNext', 'NodeNext', false],
      ['typescript-native', 'ESNext', 'Bundler', true],
    ] as const) {
      const compilerOptions = {
        ...{ strict: true, target: 'ES2023', module, moduleResolution, types: [] },
        // TypeScript's own files are not what is checked.
        ...{ skipLibCheck: false, skipDefaultLibCheck: true, exactOptionalPropertyTypes },
      };
      await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
      const tsc = join(repository, 'node_modules', compiler, 'bin/tsc');
      const compiled = await run(process.execPath, [tsc], { cwd: folder }).catch(
        (error: unknown) => error as { stdout: string },
      );
      expect(compiled.stdout).toBe('');
    }
    const { stdout } = await run(process.execPath, ['example.js'], { cwd: folder });
    expect(stdout).toBe('snapshot-not-found 3\n');
  });
});
