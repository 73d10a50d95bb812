/** The Python of the guide, where its modules are. Commands are typed by readme.integration.test.ts. */
import { execFile } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { runsPython } from '../helpers/python.js';
import { binPath, cleanEnv, runSegue } from '../helpers/run-segue.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';

const repository = fileURLToPath(new URL('../../', import.meta.url));
const text = ['cookbook', 'programs']
  .map((page) => readFileSync(join(repository, `docs/${page}.md`), 'utf8'))
  .join('\n');
const programs = [...text.matchAll(/^## (.+)$|^```python\n([^]*?)^```$/gm)].reduce<
  { heading: string; program: string }[]
>((found, [, heading, program]) => {
  const last = found.at(-1);
  if (heading !== undefined) return [...found, { heading, program: '' }];
  if (program === undefined || last === undefined) return found;
  return last.program === ''
    ? [...found.slice(0, -1), { ...last, program }]
    : [...found, { heading: `${last.heading}, on`, program }];
}, []);

const temporaryDirectory = temporaryDirectories('file');
let folder = '';
beforeAll(async () => {
  folder = temporaryDirectory();
  await mkdir(join(folder, 'path'));
  symlinkSync(binPath, join(folder, 'path/segue'));
  symlinkSync(join(repository, 'examples'), join(folder, 'examples'));
  const rock = 'examples/classic-rock';
  const train = ['train', `${rock}/plays.csv.gz`, '--items', `${rock}/items.csv`, '--factors', '16'];
  expect((await runSegue(train, { cwd: folder })).code).toBe(0);
  expect((await runSegue(['publish'], { cwd: folder })).code).toBe(0);
});

describe('the Python of the guide', { tags: ['readers'] }, () => {
  for (const { heading, program } of programs.filter(({ program: code }) => code !== '')) {
    it(`runs as printed: ${heading}`, async () => {
      const path = [join(folder, 'path'), process.env['PATH'], dirname(process.execPath)].join(delimiter);
      const options = {
        cwd: folder,
        env: cleanEnv({ PATH: path, PYTHONPATH: join(repository, 'clients/python/src') }),
      };
      await promisify(execFile)('python3', runsPython(program), options);
    });
  }

  it('is found', () => expect(programs.filter(({ program }) => program !== '').length).toBe(6));
});
