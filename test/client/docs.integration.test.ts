import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepare } from '../helpers/prepared.js';
import { cleanEnv } from '../helpers/run-segue.js';
import { startService, type Service } from '../helpers/service.js';
import { classicRock, makeFolder, type Folder } from '../helpers/trained-root.js';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(`${repository}docs/reference/client.md`, 'utf8');

let folder: Folder;
let service: Service;
beforeAll(async () => {
  folder = makeFolder();
  const train = ['train', classicRock.plays, '--items', classicRock.items, '--epochs', '2', '--factors', '8'];
  await prepare(folder, [train, ['publish']]);
  service = await startService([join(folder.path, 'root')]);
  mkdirSync(join(folder.path, 'node_modules/@segue-music'), { recursive: true });
  symlinkSync(repository, join(folder.path, 'node_modules/@segue-music/segue'));
});
afterAll(async () => {
  await service.close();
  folder.remove();
});

/** The examples of the page in a language, to be run against the service of this test. */
function examplesIn(language: string): string[] {
  const found = [...page.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(
    ([, code]) => code!,
  );
  expect(found.length).toBeGreaterThan(0);
  return found.map((code) => code.replaceAll('http://127.0.0.1:7341', service.url));
}

/** What a program prints, by lines. */
async function linesOf(program: string, args: readonly string[]): Promise<string[]> {
  const env = cleanEnv({ SEGUE_TOKEN: service.token, PYTHONPATH: `${repository}clients/python/src` });
  const { stdout } = await promisify(execFile)(program, args, { cwd: folder.path, env });
  return stdout.trimEnd().split('\n');
}

async function expectedNeighbours(): Promise<{ id: string; similarity: number }[]> {
  const { body } = await service.get('/v1/similar?item=Plush&k=5');
  return body.neighbours;
}

describe('docs/reference/client.md', () => {
  it('has examples in TypeScript that do what it says', async () => {
    const printed: string[][] = [];
    for (const [n, code] of examplesIn('ts').entries()) {
      const { outputText } = ts.transpileModule(code, {
        compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 },
      });
      writeFileSync(join(folder.path, `example-${n}.mjs`), outputText);
      printed.push(await linesOf(process.execPath, [`example-${n}.mjs`]));
    }
    const [similar, held, feedback] = printed;
    expect(similar).toEqual((await expectedNeighbours()).map(({ id, similarity }) => `${id} ${similarity}`));
    const { snapshot } = service.serving.roots[0]!;
    // All 2,221 songs, by pages.
    expect(held).toEqual([
      `${snapshot} Plush 3`,
      ...[1000, 1000, 221].map((count) => `${snapshot} ${count}`),
    ]);
    expect(feedback).toEqual([
      '[ null, null ]',
      expect.stringMatching(/^404 item-not-found no item is called "no such song"/),
    ]);
    expect(printed).toHaveLength(3);
  });

  it('has an example in Python that gives the same', { tags: ['python'] }, async () => {
    const [code] = examplesIn('python');
    const lines = await linesOf('python3', ['-c', code!]);
    const near = (await expectedNeighbours()).map(({ id, similarity }) => `${id} ${similarity}`);
    expect(lines.slice(0, 5)).toEqual(near);
    expect(lines.slice(5)).toEqual([expect.stringMatching(/^\['.+', '.+', '.+'\]$/), '3']);
  });

  it('has examples with curl that are answered', { tags: ['curl'] }, async () => {
    const [code] = examplesIn('sh');
    const commands = code!.replaceAll('\\\n', ' ').trimEnd().split('\n');
    const answers: any[] = [];
    for (const command of commands)
      answers.push(JSON.parse((await linesOf('sh', ['-c', command])).join('\n')));
    const [similar, recommended, items, kept] = answers;
    expect(similar.neighbours).toEqual(await expectedNeighbours());
    expect(recommended.recommendations).toHaveLength(5);
    expect(items.items[0].name).toBe('Plush');
    expect(kept.entries).toHaveLength(1);
    expect(answers).toHaveLength(4);
  });
});
